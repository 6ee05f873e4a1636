package io.stepwell.action.builtin;

import static io.stepwell.action.builtin.Steps.step;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.stepwell.action.ActionFailure;
import io.stepwell.action.ActionResult.Success;
import io.stepwell.action.ActionResult.WaitForSignal;
import io.stepwell.action.Effect;
import io.stepwell.kernel.Ids;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CreateTaskTest {
  private final CreateTask handler = new CreateTask(new Ids(Steps.TIME));

  @Test
  void a_task_has_what_the_config_says() {
    Success result =
        (Success)
            handler.handle(
                step(
                    """
                    {'title': 'Call back', 'description': 'Soon', 'priority': 'HIGH',
                     'assignedTo': 'user_123', 'dueAt': '2026-12-01T10:00:00+01:00'}
                    """));

    Effect.CreateTask task = (Effect.CreateTask) result.effects().getFirst();
    assertThat(task)
        .isEqualTo(
            new Effect.CreateTask(
                task.id(),
                "Call back",
                "Soon",
                "HIGH",
                "user_123",
                Instant.parse("2026-12-01T09:00:00Z"),
                false));
    assertThat(result.effects()).hasSize(1);
    assertThat(result.output())
        .isEqualTo(Steps.json("{'taskId': '" + task.id() + "', 'status': 'OPEN'}"));
  }

  @Test
  void what_is_absent_or_null_has_its_default() {
    Success result = (Success) handler.handle(step("{'title': 'Do', 'assignedTo': null}"));

    assertThat((Effect.CreateTask) result.effects().getFirst())
        .returns("MEDIUM", Effect.CreateTask::priority)
        .returns(null, Effect.CreateTask::description)
        .returns(null, Effect.CreateTask::assignedTo)
        .returns(null, Effect.CreateTask::dueAt)
        .returns(false, Effect.CreateTask::waitForCompletion);
  }

  @Test
  void a_step_that_waits_for_its_task_is_done_by_a_signal() {
    WaitForSignal result =
        (WaitForSignal) handler.handle(step("{'title': 'Do', 'waitForCompletion': true}"));

    assertThat(result.effects())
        .singleElement()
        .isInstanceOfSatisfying(
            Effect.CreateTask.class, task -> assertThat(task.waitForCompletion()).isTrue());
  }

  @Test
  void a_time_that_the_clock_cannot_show_is_refused() {
    ActionFailure failure =
        catchThrowableOfType(
            ActionFailure.class, () -> handler.handle(step("{'title': 'Do', 'dueAt': 'later'}")));

    assertThat(failure)
        .returns("invalid_config", ActionFailure::code)
        .returns(false, ActionFailure::retryable);
  }

  @Test
  void nothing_outside_happens() {
    assertThat(handler.hasOutsideEffect()).isFalse();
  }

  @Test
  void a_right_config_passes() {
    assertThat(
            Steps.violations(
                handler, "{'title': 'Task title', 'priority': 'HIGH', 'assignedTo': 'user_123'}"))
        .isEmpty();
    assertThat(Steps.violations(handler, "{'title': 'T', 'priority': null, 'dueAt': null}"))
        .isEmpty();
    assertThat(
            Steps.staticViolations(
                handler, "{'title': 'T', 'priority': '{{ x }}', 'waitForCompletion': '{{ y }}'}"))
        .isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{}                                         | /title",
        "{'title': ''}                              | /title",
        "{'title': 'T', 'priority': 'high'}         | /priority",
        "{'title': 'T', 'dueAt': 'later'}           | /dueAt",
        "{'title': 'T', 'waitForCompletion': 'yes'} | /waitForCompletion",
        "{'title': 'T', 'asignedTo': 'u'}           | /asignedTo",
      })
  void a_wrong_config_is_told_where(String config, String pointer) {
    assertThat(Steps.violations(handler, config)).containsExactly(pointer);
  }
}
