package io.stepwell.execution;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.arc.All;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.stepwell.kernel.Failure;
import io.stepwell.workflow.Action;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Writes all that is known of an execution as one JSON document.
 *
 * <p>It holds one row at a time, and no connection while it writes: neither a large execution nor a
 * slow reader costs more than that. Of an execution that still runs each row is as it is when it is
 * read.
 */
@ApplicationScoped
class ExecutionExport {
  private final ExecutionQueries queries;
  private final StepRows steps;
  private final List<ExecutionBelongings> belongings;
  private final ObjectMapper mapper;

  ExecutionExport(
      ExecutionQueries queries,
      StepRows steps,
      @All List<ExecutionBelongings> belongings,
      ObjectMapper mapper) {
    this.queries = queries;
    this.steps = steps;
    this.belongings = belongings;
    this.mapper = mapper;
  }

  /** An execution that is there, to be written. */
  final class Document {
    private final ExecutionEntity execution;
    private final ExecutionView head;
    private final List<Action> actions;
    private final Set<String> begun;

    private Document(ExecutionEntity execution) {
      this.execution = execution;
      List<StepRow> rows = queries.stepRows(execution.workspaceId, execution.id);
      this.head = queries.viewWithoutSteps(execution, rows);
      this.actions = queries.definition(execution).allActions();
      this.begun = rows.stream().map(StepRow::path).collect(Collectors.toSet());
    }

    UUID executionId() {
      return execution.id;
    }

    void write(OutputStream to) throws IOException {
      try (JsonGenerator json = mapper.createGenerator(to)) {
        json.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
        json.writeStartObject();
        json.writeObjectField("execution", head);
        json.writeArrayFieldStart("steps");
        for (Action action : actions) {
          Optional<StepRow> row =
              begun.contains(action.path())
                  ? QuarkusTransaction.requiringNew()
                      .call(() -> steps.read(execution.workspaceId, execution.id, action.path()))
                  : Optional.empty();
          writeStep(json, action, row);
        }
        json.writeEndArray();
        for (ExecutionBelongings rows : belongings) {
          write(json, rows);
        }
        json.writeEndObject();
      }
    }

    private void write(JsonGenerator json, ExecutionBelongings rows) throws IOException {
      json.writeArrayFieldStart(rows.name());
      @Nullable UUID after = null;
      while (true) {
        Optional<ExecutionBelongings.Exported> next =
            rows.next(execution.workspaceId, execution.id, after);
        if (next.isEmpty()) {
          break;
        }
        json.writeObject(next.get().document());
        after = next.get().id();
      }
      json.writeEndArray();
    }
  }

  /**
   * Looks the execution up.
   *
   * @throws Failure {@code execution_not_found}
   */
  Document of(UUID workspaceId, String executionId) {
    return QuarkusTransaction.requiringNew()
        .call(() -> new Document(queries.entity(workspaceId, executionId)));
  }

  /**
   * As an answer shows a step, but its documents go from the database to the client as they are.
   */
  private static void writeStep(JsonGenerator json, Action action, Optional<StepRow> row)
      throws IOException {
    StepView view =
        row.map(r -> StepView.of(action, r.withoutDocuments()))
            .orElseGet(() -> StepView.pending(action));
    json.writeStartObject();
    json.writeNumberField("index", view.index());
    json.writeStringField("path", view.path());
    json.writeStringField("name", view.name());
    json.writeStringField("type", view.type());
    json.writeStringField("status", view.status().name());
    json.writeNumberField("attempts", view.attempts());
    writeDocument(json, "output", row.map(StepRow::output).orElse(null));
    writeDocument(json, "error", row.map(StepRow::error).orElse(null));
    json.writeObjectField("startedAt", view.startedAt());
    json.writeObjectField("finishedAt", view.finishedAt());
    json.writeObjectField("durationMs", view.durationMs());
    json.writeEndObject();
  }

  private static void writeDocument(JsonGenerator json, String name, @Nullable String document)
      throws IOException {
    json.writeFieldName(name);
    if (document == null) {
      json.writeNull();
    } else {
      json.writeRawValue(document);
    }
  }
}
