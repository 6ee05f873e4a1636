package io.stepwell.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VersionTagTest {

  @Test
  void without_if_match_every_version_passes() {
    assertThat(VersionTag.passes(List.of(), 3)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"3\"", "*", "\"1\", \"3\"", " \"3\" ,\"4\"", "W/\"3\", \"3\""})
  void an_if_match_that_names_the_version_passes(String header) {
    assertThat(VersionTag.passes(List.of(header), 3)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"\"2\"", "W/\"3\"", "3", "", "\"33\"", "\"1\",\"2\"", "\"03\"", "rubbish"})
  void an_if_match_that_does_not_name_the_version_stops(String header) {
    assertThat(VersionTag.passes(List.of(header), 3)).isFalse();
  }

  @Test
  void the_lines_of_a_repeated_header_are_one_list() {
    assertThat(VersionTag.passes(List.of("\"1\"", "\"3\""), 3)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"3\"", "W/\"3\"", "*", "\"1\", W/\"3\""})
  void an_if_none_match_that_names_the_version_knows_it(String header) {
    assertThat(VersionTag.known(List.of(header), 3)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"2\"", "3", "W/\"2\""})
  void another_if_none_match_does_not_know_it(String header) {
    assertThat(VersionTag.known(List.of(header), 3)).isFalse();
    assertThat(VersionTag.known(List.of(), 3)).isFalse();
  }
}
