package io.stepwell.engine;

import com.fasterxml.jackson.databind.JsonNode;
import io.stepwell.action.EffectStore;
import io.stepwell.execution.ExecutionStatus;
import io.stepwell.execution.StepStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Something that happened to an execution, to be made durable as one.
 *
 * @param bytes about what it weighs as text
 * @param lazy may wait a few milliseconds for others, unless somebody hurries the journal
 * @param progressed the execution did something since its claim: it is not poisoned
 * @param written true once it is durable, false when the lease was lost and it was dropped
 */
record JournalEntry(
    UUID executionId,
    UUID token,
    UUID workspaceId,
    List<Step> steps,
    List<EffectStore.Entry> effects,
    Optional<Ending> ending,
    boolean progressed,
    long bytes,
    boolean lazy,
    long since,
    CompletableFuture<Boolean> written) {

  /**
   * The new state of a step's row.
   *
   * @param change its place among the changes of the execution's steps
   * @param resume when a timer or backoff is over
   */
  record Step(
      String path,
      int index,
      StepStatus status,
      int attempts,
      int change,
      @Nullable JsonNode output,
      @Nullable JsonNode error,
      @Nullable Instant startedAt,
      @Nullable Instant finishedAt,
      @Nullable Pause pause,
      Due resume) {}

  /** Whether it has a later state of all that the note is about. */
  boolean tellsMoreOf(JournalEntry note) {
    return note.steps().stream()
        .allMatch(noted -> steps.stream().anyMatch(step -> step.path().equals(noted.path())));
  }

  /** How the runner lets go of the execution. */
  sealed interface Ending {}

  /** It is finished. */
  record Finish(
      ExecutionStatus status,
      @Nullable JsonNode error,
      int successful,
      int failed,
      int skipped,
      int change)
      implements Ending {}

  /** It needs nothing before {@code due}. */
  record Release(Due due, int change) implements Ending {}

  /** A time, given as the database's clock will tell it. */
  sealed interface Due {}

  record Never() implements Due {}

  record After(Duration delay) implements Due {}

  record At(Instant time) implements Due {}

  /** When somebody signals the step at the path. */
  record OnSignal(String path) implements Due {}
}
