package io.stepwell.action.builtin;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stepwell.action.ActionContext;
import io.stepwell.action.ActionHandler;
import io.stepwell.action.ActionResult;
import io.stepwell.action.ActionType;
import io.stepwell.action.Effect;
import io.stepwell.kernel.Ids;
import io.stepwell.kernel.Json;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;

/** Gives a person a task and, if wanted, waits until it is done. */
@ActionType("create_task")
@ApplicationScoped
public class CreateTask implements ActionHandler {
  private static final String SCHEMA =
      """
      {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Create a task",
        "type": "object",
        "additionalProperties": false,
        "required": ["title"],
        "properties": {
          "title": {
            "description": "What is to be done, in one line.",
            "type": "string",
            "minLength": 1,
            "maxLength": 500
          },
          "description": {
            "description": "All that the person has to know.",
            "type": ["string", "null"],
            "maxLength": 65536
          },
          "priority": {
            "description": "How urgent it is.",
            "type": ["string", "null"],
            "enum": ["LOW", "MEDIUM", "HIGH", "URGENT", null],
            "default": "MEDIUM"
          },
          "assignedTo": {
            "description": "The user who is to do it.",
            "type": ["string", "null"],
            "minLength": 1,
            "maxLength": 320
          },
          "dueAt": {
            "description": "The RFC 3339 time by which it should be done.",
            "type": ["string", "null"],
            "format": "date-time"
          },
          "waitForCompletion": {
            "description": "Whether the step lasts until the task is done or cancelled.",
            "type": ["boolean", "null"],
            "default": false
          }
        }
      }
      """;

  private final Ids ids;

  CreateTask(Ids ids) {
    this.ids = ids;
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
    Effect.CreateTask task =
        new Effect.CreateTask(
            ids.next(),
            fields.required("title"),
            fields.text("description").orElse(null),
            fields.text("priority").orElse("MEDIUM"),
            fields.text("assignedTo").orElse(null),
            fields.time("dueAt").orElse(null),
            fields.flag("waitForCompletion"));
    if (task.waitForCompletion()) {
      return new ActionResult.WaitForSignal(List.of(task));
    }
    ObjectNode output = Json.object().put("taskId", task.id().toString()).put("status", "OPEN");
    return ActionResult.success(output, task);
  }
}
