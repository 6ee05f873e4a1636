package io.stepwell.launch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ArgumentsTest {
  @Test
  void without_arguments_the_service_starts_on_the_operators_database() {
    assertThat(Arguments.of(List.of())).isEqualTo(new Arguments.Start(false));
  }

  @Test
  void embedded_starts_it_on_a_database_of_its_own() {
    assertThat(Arguments.of(List.of("--embedded"))).isEqualTo(new Arguments.Start(true));
  }

  @Test
  void migrate_only_migrates() {
    assertThat(Arguments.of(List.of("--migrate"))).isEqualTo(new Arguments.Migrate(false));
    assertThat(Arguments.of(List.of("--migrate", "--embedded")))
        .isEqualTo(new Arguments.Migrate(true));
  }

  @Test
  void help_wins_over_starting() {
    assertThat(Arguments.of(List.of("--embedded", "--migrate", "--help")))
        .isEqualTo(new Arguments.Help());
  }

  @Test
  void an_unknown_argument_is_named() {
    assertThat(Arguments.of(List.of("--help", "--embeded")))
        .isEqualTo(new Arguments.Unknown("--embeded"));
  }
}
