package io.stepwell.launch;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class LaunchSettingsTest {
  private static final String URL = "jdbc:postgresql://db/stepwell";
  private static final String KEY = "0123456789abcdef";

  @Test
  void a_database_and_a_key_are_all_that_it_needs() {
    assertThat(settings(URL, KEY).problems()).isEmpty();
  }

  @Test
  void the_embedded_database_is_a_database_too() {
    assertThat(settings(null, KEY).withEmbedded(true).problems()).isEmpty();
  }

  @Test
  void each_missing_setting_is_a_message_with_its_variable_and_an_example() {
    assertThat(settings(null, null).problems())
        .satisfiesExactly(
            database ->
                assertThat(database)
                    .contains("QUARKUS_DATASOURCE_JDBC_URL", "jdbc:postgresql://localhost"),
            key -> assertThat(key).contains("STEPWELL_BOOTSTRAP_ADMIN_KEY=", "administrator"));
  }

  @Test
  void a_key_of_fifteen_characters_is_refused() {
    assertThat(settings(URL, KEY.substring(1)).problems())
        .singleElement()
        .asString()
        .contains("STEPWELL_BOOTSTRAP_ADMIN_KEY is too short", "16");
  }

  @Test
  void two_databases_are_one_too_many() {
    assertThat(settings(URL, KEY).withEmbedded(true).problems())
        .singleElement()
        .asString()
        .startsWith("Both");
  }

  private static LaunchSettings settings(@Nullable String url, @Nullable String key) {
    return new LaunchSettings(
        Optional.ofNullable(url)
            .map(address -> new DatabaseAddress(address, Optional.empty(), Optional.empty())),
        Optional.empty(),
        Optional.ofNullable(key),
        true,
        false,
        Path.of("nowhere"));
  }
}
