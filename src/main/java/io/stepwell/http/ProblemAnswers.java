package io.stepwell.http;

import io.quarkus.smallrye.openapi.OpenApiFilter;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.OASFilter;
import org.eclipse.microprofile.openapi.models.OpenAPI;
import org.eclipse.microprofile.openapi.models.Operation;
import org.eclipse.microprofile.openapi.models.media.Content;
import org.eclipse.microprofile.openapi.models.media.Schema;

/**
 * Completes the OpenAPI document with what holds everywhere: problem documents, and members that
 * may be any JSON.
 */
@OpenApiFilter(stages = OpenApiFilter.RunStage.BUILD)
public final class ProblemAnswers implements OASFilter {
  private static final String OTHERWISE = "default";

  @Override
  public Operation filterOperation(Operation operation) {
    if (operation.getResponses() == null) {
      operation.setResponses(OASFactory.createAPIResponses());
    }
    if (!operation.getResponses().hasAPIResponse(OTHERWISE)) {
      operation
          .getResponses()
          .addAPIResponse(
              OTHERWISE, OASFactory.createAPIResponse().description("A problem; see its code"));
    }
    operation
        .getResponses()
        .getAPIResponses()
        .forEach((status, response) -> {
          if (isProblem(status) && response.getContent() == null) {
            response.setContent(problem());
          }
        });
    return operation;
  }

  @Override
  public void filterOpenAPI(OpenAPI api) {
    if (api.getComponents() == null || api.getComponents().getSchemas() == null) {
      return;
    }
    Map<String, Schema> schemas = Map.copyOf(api.getComponents().getSchemas());
    if (schemas.containsKey("JsonNode")) {
      api.getComponents()
          .addSchema("JsonNode", OASFactory.createSchema().description("Any JSON value"));
      api.getComponents().removeSchema("JsonNodeType");
    }
    if (schemas.containsKey("ObjectNode")) {
      api.getComponents()
          .addSchema(
              "ObjectNode",
              OASFactory.createSchema()
                  .type(List.of(Schema.SchemaType.OBJECT))
                  .description("Any JSON object"));
    }
  }

  private static boolean isProblem(String status) {
    return status.equals(OTHERWISE) || status.startsWith("4") || status.startsWith("5");
  }

  private static Content problem() {
    return OASFactory.createContent()
        .addMediaType(
            ProblemDocument.MEDIA_TYPE,
            OASFactory.createMediaType()
                .schema(OASFactory.createSchema().ref("#/components/schemas/Problem")));
  }
}
