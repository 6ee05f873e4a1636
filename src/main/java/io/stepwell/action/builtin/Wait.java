package io.stepwell.action.builtin;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stepwell.action.ActionContext;
import io.stepwell.action.ActionHandler;
import io.stepwell.action.ActionResult;
import io.stepwell.action.ActionType;
import io.stepwell.kernel.Json;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/** Lets time pass, holding no thread and no connection. */
@ActionType("wait")
@ApplicationScoped
public class Wait implements ActionHandler {
  private static final Duration LONGEST = Duration.ofDays(366);

  private static final String SCHEMA =
      """
      {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Wait",
        "type": "object",
        "additionalProperties": false,
        "properties": {
          "durationMs": {
            "description": "How long to wait, in milliseconds: at most 366 days.",
            "type": "integer",
            "minimum": 0,
            "maximum": 31622400000
          },
          "until": {
            "description": "The RFC 3339 time to wait for, at most 366 days ahead; a past one does not wait.",
            "type": "string",
            "format": "date-time"
          }
        },
        "oneOf": [{"required": ["durationMs"]}, {"required": ["until"]}]
      }
      """;

  private final InstantSource time;

  Wait(InstantSource time) {
    this.time = time;
  }

  @Override
  public ObjectNode configSchema() {
    return (ObjectNode) Json.read(SCHEMA);
  }

  @Override
  public boolean hasOutsideEffect() {
    return false;
  }

  @Override
  public ActionResult handle(ActionContext context) {
    Fields fields = new Fields(context.config());
    Optional<Instant> until = fields.time("until");
    if (until.isPresent()) {
      Duration ahead = Duration.between(time.instant(), until.get());
      if (ahead.compareTo(LONGEST) > 0) {
        throw Fields.invalid("until", "is more than 366 days ahead");
      }
      return new ActionResult.WaitUntil(until.get(), output(Math.max(0, ahead.toMillis())));
    }
    long millis =
        fields.number("durationMs").orElseThrow(() -> Fields.invalid("durationMs", "is required"));
    return new ActionResult.WaitFor(Duration.ofMillis(millis), output(millis));
  }

  private static ObjectNode output(long millis) {
    return Json.object().put("waitedMs", millis);
  }
}
