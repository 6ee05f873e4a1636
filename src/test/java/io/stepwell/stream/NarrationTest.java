package io.stepwell.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stepwell.execution.ExecutionQueries.ChangedStep;
import io.stepwell.execution.ExecutionQueries.Since;
import io.stepwell.execution.ExecutionStatus;
import io.stepwell.execution.ExecutionView;
import io.stepwell.execution.Progress;
import io.stepwell.execution.StepStatus;
import io.stepwell.execution.StepView;
import io.stepwell.execution.Timing;
import io.stepwell.kernel.Failure;
import io.stepwell.kernel.Json;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NarrationTest {
  private static final UUID ID = new UUID(1, 2);

  private static ChangedStep step(int change, int index, StepStatus status) {
    return new ChangedStep(
        change,
        new StepView(
            index, "" + index, "s" + index, "wait", status, 1, null, null, null, null, null, null));
  }

  private static Since since(
      ExecutionStatus status, int completed, int change, ChangedStep... changed) {
    ExecutionView execution =
        new ExecutionView(
            ID,
            ID,
            "key",
            1,
            status,
            null,
            "user",
            Json.object(),
            null,
            null,
            new Progress(3, completed, completed, 0, 0, 0, completed * 100 / 3),
            new Timing(Instant.EPOCH, null, null, null, null));
    return new Since(execution, List.of(changed), change);
  }

  private static List<String> names(List<StreamEvent> events) {
    return events.stream()
        .map(event ->
            switch (event) {
              case StreamEvent.Connected e -> "connected " + e.id();
              case StreamEvent.StepChanged e ->
                  "step " + e.id() + " " + e.step().name() + " " + e.step().status();
              case StreamEvent.ProgressMade e ->
                  "progress " + e.id() + " " + e.progress().percentage();
              case StreamEvent.Complete e -> "complete " + e.id();
              case StreamEvent.Heartbeat e -> "heartbeat";
            })
        .toList();
  }

  @Test
  void a_finished_execution_is_told_step_by_step_with_one_progress() {
    Since since =
        since(
            ExecutionStatus.COMPLETED,
            3,
            6,
            step(2, 0, StepStatus.COMPLETED),
            step(4, 1, StepStatus.COMPLETED),
            step(6, 2, StepStatus.COMPLETED));
    assertThat(names(new Narration(EventId.START).tell(since)))
        .containsExactly(
            "connected 0.0",
            "step 2.0 s0 COMPLETED",
            "step 4.0 s1 COMPLETED",
            "step 6.0 s2 COMPLETED",
            "progress 6.1 100",
            "complete 6.2");
  }

  @Test
  void live_there_is_a_progress_after_each_step_that_ends() {
    Narration narration = new Narration(EventId.START);
    assertThat(
            names(
                narration.tell(
                    since(ExecutionStatus.RUNNING, 0, 1, step(1, 0, StepStatus.RUNNING)))))
        .containsExactly("connected 0.0", "step 1.0 s0 RUNNING");
    assertThat(
            names(
                narration.tell(
                    since(
                        ExecutionStatus.RUNNING,
                        2,
                        5,
                        step(2, 0, StepStatus.COMPLETED),
                        step(4, 1, StepStatus.COMPLETED),
                        step(5, 2, StepStatus.RUNNING)))))
        .containsExactly(
            "step 2.0 s0 COMPLETED",
            "progress 2.1 33",
            "step 4.0 s1 COMPLETED",
            "progress 4.1 66",
            "step 5.0 s2 RUNNING");
    assertThat(narration.change()).isEqualTo(5);
  }

  @Test
  void a_client_that_comes_back_gets_what_it_missed_and_nothing_twice() {
    Since since = since(ExecutionStatus.COMPLETED, 3, 6, step(6, 2, StepStatus.COMPLETED));
    assertThat(names(new Narration(EventId.parse("4.1")).tell(since)))
        .containsExactly(
            "connected 4.1", "step 6.0 s2 COMPLETED", "progress 6.1 100", "complete 6.2");
  }

  @Test
  void a_client_that_missed_only_the_progress_gets_it() {
    Since since = since(ExecutionStatus.RUNNING, 2, 4);
    assertThat(names(new Narration(EventId.parse("4.0")).tell(since)))
        .containsExactly("connected 4.0", "progress 4.1 66");
  }

  @Test
  void a_client_that_missed_only_the_end_gets_it() {
    Since since = since(ExecutionStatus.COMPLETED, 3, 6);
    assertThat(names(new Narration(EventId.parse("6.1")).tell(since)))
        .containsExactly("connected 6.1", "complete 6.2");
  }

  @Test
  void an_execution_of_no_steps_has_an_end() {
    assertThat(names(new Narration(EventId.START).tell(since(ExecutionStatus.COMPLETED, 0, 0))))
        .containsExactly("connected 0.0", "progress 0.1 0", "complete 0.2");
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "1", "1.3", "-1.0", "01.0", "1.0 ", "9999999999.0", "1.0.0"})
  void a_malformed_id_is_refused(String text) {
    assertThatThrownBy(() -> EventId.parse(text))
        .isInstanceOfSatisfying(
            Failure.class, e -> assertThat(e.kind()).isEqualTo(Failure.Kind.MALFORMED));
  }
}
