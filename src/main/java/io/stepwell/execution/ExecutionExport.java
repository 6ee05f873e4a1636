package io.stepwell.execution;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.arc.All;
import io.stepwell.execution.ExecutionQueries.Head;
import io.stepwell.execution.StepRows.Wanted;
import io.stepwell.http.AnswerBudget;
import io.stepwell.http.AnswerMemory;
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
  private final AnswerMemory memory;

  ExecutionExport(
      ExecutionQueries queries,
      StepRows steps,
      @All List<ExecutionBelongings> belongings,
      ObjectMapper mapper,
      AnswerMemory memory) {
    this.queries = queries;
    this.steps = steps;
    this.belongings = belongings;
    this.mapper = mapper;
    this.memory = memory;
  }

  /** An execution that is there, to be written. */
  final class Document {
    private final ExecutionRow execution;
    private final ExecutionView head;
    private final List<Action> actions;
    private final Set<String> begun;

    private Document(Head execution, List<StepRow> rows) {
      this.execution = execution.row();
      this.head = queries.viewWithoutSteps(execution, rows);
      this.actions = queries.definition(this.execution).allActions();
      this.begun = rows.stream().map(StepRow::path).collect(Collectors.toSet());
    }

    UUID executionId() {
      return execution.id();
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
                  ? steps.read(
                      execution.workspaceId(),
                      execution.id(),
                      action.path(),
                      Wanted.upTo(Long.MAX_VALUE))
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
            rows.next(execution.workspaceId(), execution.id(), after);
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
   * Looks the execution up, and takes memory for its trigger data and the largest of its rows.
   *
   * @throws Failure {@code execution_not_found}; LIMITED {@code overloaded} when there is none
   */
  Document of(UUID workspaceId, String executionId) {
    UUID id = ExecutionQueries.parse(executionId);
    Head head = queries.head(workspaceId, id, AnswerBudget.SMALL);
    List<StepRow> rows = steps.read(workspaceId, id, Wanted.WEIGHT);
    long largest = rows.stream().mapToLong(StepRow::bytes).max().orElse(0);
    for (ExecutionBelongings of : belongings) {
      largest = Math.max(largest, of.largest(workspaceId, id));
    }
    memory.take(workspaceId, head.bytes() + largest);
    return new Document(queries.head(workspaceId, id, Long.MAX_VALUE), rows);
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
