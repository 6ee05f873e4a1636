package io.stepwell.sample;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import io.stepwell.kernel.Json;
import io.stepwell.sample.Printed.Event;
import java.io.IOException;
import java.lang.reflect.Method;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the README says is so. */
@QuarkusTest
@TestProfile(SamplesProfile.class)
class ReadmeTest {
  private static final Pattern LINK = Pattern.compile("]\\((?!http)([^)#]+)\\)");

  private final QuickStart quickStart = QuickStart.read();
  @TempDir private Path folder;

  @TestHTTPResource("/")
  private URI service;

  private String here(String command) {
    return command
        .replace("localhost:8080", "localhost:" + service.getPort())
        .replace("/tmp/", folder + "/");
  }

  @Test
  void the_quick_start_begins_with_one_command_and_names_the_key_of_development_mode()
      throws IOException {
    assertThat(quickStart.start()).isEqualTo("./mvnw quarkus:dev\n");
    assertThat(QuickStart.section("Quick start")).contains("`" + SamplesProfile.KEY + "`");
    assertThat(Files.readString(Path.of("src/main/resources/application.properties")))
        .contains("%dev.stepwell.bootstrap.admin-key=" + SamplesProfile.KEY + "\n")
        .contains("%dev.stepwell.samples.enabled=true\n");
  }

  @Test
  void its_commands_print_what_stands_there() throws Exception {
    String accepted = Shell.run(here(quickStart.execute()));
    String streamed = Shell.run(here(quickStart.stream()));

    assertThat(Printed.masked(Json.read(accepted)))
        .isEqualTo(Printed.masked(Json.read(quickStart.accepted())));
    check(streamed);
  }

  @Test
  void its_commands_are_understood_where_there_is_no_curl() throws Exception {
    String accepted = Shell.request(here(quickStart.execute()));
    String streamed = Shell.request(here(quickStart.stream()));

    assertThat(Printed.masked(Json.read(accepted)))
        .isEqualTo(Printed.masked(Json.read(quickStart.accepted())));
    check(streamed);
  }

  /** A machine under load may show less of the steps that run, but nothing else. */
  private void check(String streamed) {
    List<Event> seen = Printed.events(streamed);
    List<Event> written = Printed.events(quickStart.events());
    assertThat(Printed.preamble(streamed)).isEqualTo(Printed.preamble(quickStart.events()));
    assertThat(seen.stream().filter(event -> !event.isStepThatRuns()).toList())
        .isEqualTo(written.stream().filter(event -> !event.isStepThatRuns()).toList());
    assertThat(written).containsSubsequence(seen);
  }

  @Test
  void every_property_stands_in_the_table_with_its_variable_and_default() {
    List<String> rows = new ArrayList<>();
    for (JavaClass mapping :
        new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.stepwell")) {
      if (mapping.isAnnotatedWith(ConfigMapping.class)) {
        String prefix = mapping.getAnnotationOfType(ConfigMapping.class).prefix();
        for (Method property : mapping.reflect().getDeclaredMethods()) {
          rows.add(row(prefix, property));
        }
      }
    }

    String table = QuickStart.section("Configuration");
    assertThat(rows).hasSizeGreaterThan(25).allSatisfy(row -> assertThat(table).contains(row));
  }

  private static String row(String prefix, Method property) {
    String name =
        prefix + "." + property.getName().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
    String variable = name.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]", "_");
    WithDefault standard = property.getAnnotation(WithDefault.class);
    String start = "| `" + name + "` | `" + variable + "` | ";
    return standard == null ? start : start + "`" + standard.value() + "` |";
  }

  @Test
  void everything_that_it_links_to_is_there() throws IOException {
    Matcher links = LINK.matcher(Files.readString(Path.of("README.md")));
    List<String> targets = new ArrayList<>();
    while (links.find()) {
      targets.add(links.group(1));
    }

    assertThat(targets).isNotEmpty().allSatisfy(target -> assertThat(Path.of(target)).exists());
  }
}
