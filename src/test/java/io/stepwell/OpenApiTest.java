package io.stepwell;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/**
 * Keeps {@code docs/openapi.yaml} what the service serves. After a change of the API write it anew,
 * and read the difference before you commit it:
 *
 * <pre>./mvnw test -Dtest=OpenApiTest -Dopenapi.update=true</pre>
 */
@QuarkusTest
class OpenApiTest {
  private static final Path DOCUMENT = Path.of("docs", "openapi.yaml");
  private static final String UPDATE = "openapi.update";

  private static String served() {
    return given().get("/q/openapi").then().statusCode(200).extract().asString();
  }

  @Test
  void the_document_is_the_one_that_is_served() throws IOException {
    String served = served();
    if (Boolean.getBoolean(UPDATE)) {
      Files.writeString(DOCUMENT, served);
    }
    assertThat(DOCUMENT).as("write it by -D" + UPDATE + "=true").hasContent(served);
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> document() {
    return (Map<String, Object>) new Yaml(new SafeConstructor(new LoaderOptions())).load(served());
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Map<String, Object>> paths() {
    return (Map<String, Map<String, Object>>) document().get("paths");
  }

  @Test
  void it_is_openapi_3_1() {
    assertThat(document().get("openapi")).asString().startsWith("3.1");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "                                                    | get post",
        "/{slug}                                             | get patch delete",
        "/{slug}/api-keys                                    | get post",
        "/{slug}/api-keys/{keyId}                            | delete",
        "/{slug}/secrets                                     | get",
        "/{slug}/secrets/{name}                              | put delete",
        "/{slug}/workflows                                   | get post",
        "/{slug}/workflows/validate                          | post",
        "/{slug}/workflows/{id}                              | get put delete",
        "/{slug}/workflows/{id}/versions                     | get",
        "/{slug}/workflows/{id}/versions/{n}                 | get",
        "/{slug}/workflows/{id}/execute                      | post",
        "/{slug}/workflows/{id}/executions                   | get",
        "/{slug}/workflows/executions                        | get",
        "/{slug}/workflows/executions/{executionId}          | get post delete",
        "/{slug}/workflows/executions/{executionId}/retry    | post",
        "/{slug}/workflows/executions/{executionId}/rerun    | post",
        "/{slug}/workflows/executions/{executionId}/export   | get",
        "/{slug}/workflows/executions/{executionId}/purge    | post",
        "/{slug}/workflows/executions/{executionId}/stream   | get",
        "/{slug}/workflows/executions/{executionId}/stream-tickets | post",
        "/{slug}/action-types                                | get",
        "/{slug}/tasks                                       | get",
        "/{slug}/tasks/{id}                                  | get patch",
        "/{slug}/notifications                               | get",
        "/{slug}/notifications/{id}/read                     | post",
      })
  void every_path_of_the_contract_is_described(String below, String methods) {
    String path = "/api/workspaces" + (below == null ? "" : below);
    assertThat(paths()).containsKey(path);
    assertThat(paths().get(path).keySet()).contains(methods.split(" "));
  }

  @Test
  void nothing_of_the_tests_is_described() {
    assertThat(paths().keySet()).noneMatch(path -> path.contains("probe"));
  }

  @Test
  void every_operation_is_summed_up_and_named_once() {
    List<?> ids =
        paths().values().stream()
            .flatMap(methods -> methods.values().stream())
            .filter(Map.class::isInstance)
            .map(operation -> ((Map<?, ?>) operation))
            .peek(operation -> assertThat(operation.containsKey("summary")).isTrue())
            .map(operation -> operation.get("operationId"))
            .filter(id -> id != null)
            .toList();
    assertThat(ids).doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @CsvSource({
    "/q/health/live, UP",
    "/q/health/ready, UP",
    "/q/metrics, stepwell_journal_commits_total",
  })
  void it_says_how_it_is(String path, String content) {
    assertThat(given().get(path).then().statusCode(200).extract().asString()).contains(content);
  }
}
