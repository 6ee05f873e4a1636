package com.example;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stepwell.action.ActionContext;
import io.stepwell.action.ActionResult;
import io.stepwell.kernel.Json;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class CustomActionTest {

  @Test
  void a_handler_is_tested_without_the_service() {
    ObjectNode config = Json.object().put("color", "red");
    ActionContext context =
        new ActionContext(
            UUID.randomUUID(),
            UUID.randomUUID(),
            UUID.randomUUID(),
            "0",
            "custom",
            1,
            Json.object(),
            List.of(),
            "user_123",
            config);

    ActionResult result = new CustomAction().handle(context);

    ObjectNode expected = Json.object().put("result", "data");
    expected.set("config", config);
    assertThat(result).isEqualTo(ActionResult.success(expected));
  }
}
