package io.stepwell.http;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.quarkus.test.junit.QuarkusTest;
import io.stepwell.kernel.Json;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
class ApiDescriptionTest {
  private JsonNode api;

  @BeforeEach
  void readDescription() {
    api = Json.read(given().accept("application/json").get("/q/openapi?format=json").asString());
  }

  @Test
  void it_is_openapi_3_1_and_wants_a_bearer_key() {
    assertThat(api.path("openapi").asText()).startsWith("3.1");
    assertThat(api.at("/components/securitySchemes/apiKey/scheme").asText()).isEqualTo("bearer");
    assertThat(api.at("/security/0").has("apiKey")).isTrue();
  }

  @Test
  void every_operation_has_a_summary_and_answers_with_problems() {
    api.path("paths")
        .properties()
        .forEach(path -> {
          if (path.getKey().startsWith("/api/") && !path.getKey().contains("/probe")) {
            path.getValue()
                .forEach(operation -> {
                  assertThat(operation.path("summary").asText()).as(path.getKey()).isNotBlank();
                  assertThat(
                          operation
                              .at(
                                  "/responses/default/content/application~1problem+json/schema/$ref")
                              .asText())
                      .as(path.getKey())
                      .isEqualTo("#/components/schemas/Problem");
                });
          }
        });
  }

  @Test
  void a_request_body_shows_its_members() {
    assertThat(
            api.at(
                    "/paths/~1api~1workspaces/post/requestBody/content/application~1json/schema/$ref")
                .asText())
        .isEqualTo("#/components/schemas/CreateWorkspace");
    assertThat(api.at("/components/schemas/CreateWorkspace/properties/slug/pattern").asText())
        .startsWith("^[a-z0-9]");
  }

  @Test
  void free_json_is_described_as_free() {
    assertThat(api.at("/components/schemas").has("JsonNodeType")).isFalse();
    assertThat(api.at("/components/schemas/JsonNode").has("properties")).isFalse();
  }
}
