package io.stepwell.stream;

import com.fasterxml.jackson.databind.JsonNode;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.stepwell.execution.ExecutionStatus;
import io.stepwell.execution.ExecutionView;
import io.stepwell.execution.Progress;
import io.stepwell.execution.StepView;
import io.stepwell.execution.Timing;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What a client of a stream is told, and what it has seen once it was told. */
sealed interface StreamEvent {

  /** First, always. */
  record Connected(EventId id, State state) implements StreamEvent {
    /** The data of the event. */
    @RegisterForReflection
    record State(UUID executionId, ExecutionStatus status, Progress progress) {}

    static Connected of(EventId id, ExecutionView execution) {
      return new Connected(id, new State(execution.id(), execution.status(), execution.progress()));
    }
  }

  /** A step changed its status. */
  record StepChanged(EventId id, StepView step) implements StreamEvent {}

  /** A step ended. */
  record ProgressMade(EventId id, Progress progress) implements StreamEvent {}

  /** The execution is finished; nothing follows. */
  record Complete(EventId id, End end) implements StreamEvent {
    /** The data of the event. */
    @RegisterForReflection
    record End(
        UUID executionId,
        ExecutionStatus status,
        Progress progress,
        Timing timing,
        @Nullable JsonNode error) {}

    static Complete of(int change, ExecutionView execution) {
      return new Complete(
          new EventId(change, EventId.Part.COMPLETE),
          new End(
              execution.id(),
              execution.status(),
              execution.progress(),
              execution.timing(),
              execution.error()));
    }
  }

  /** Nothing happened for a while. */
  record Heartbeat() implements StreamEvent {}
}
