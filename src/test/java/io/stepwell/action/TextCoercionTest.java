package io.stepwell.action;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stepwell.kernel.Json;
import org.junit.jupiter.api.Test;

class TextCoercionTest {
  private static final ObjectNode SCHEMA =
      (ObjectNode)
          Json.read(
              """
              {"properties": {
                "text": {"type": "string"},
                "optional": {"type": ["string", "null"]},
                "either": {"type": ["string", "number"]},
                "count": {"type": "integer"},
                "headers": {"type": "object", "additionalProperties": {"type": "string"}}}}
              """);

  private static String coerced(String config) {
    return Json.write(TextCoercion.apply((ObjectNode) Json.read(config), SCHEMA));
  }

  @Test
  void numbers_and_booleans_become_text_where_text_is_wanted() {
    assertThat(coerced("{\"text\":42,\"optional\":true}"))
        .isEqualTo("{\"text\":\"42\",\"optional\":\"true\"}");
    assertThat(coerced("{\"headers\":{\"X-Id\":7}}")).isEqualTo("{\"headers\":{\"X-Id\":\"7\"}}");
  }

  @Test
  void everything_else_stays_as_it_is() {
    String config = "{\"text\":null,\"either\":1,\"count\":2,\"other\":3,\"optional\":{\"a\":1}}";
    assertThat(coerced(config)).isEqualTo(config);
  }
}
