package io.stepwell.execution;

import static org.assertj.core.api.Assertions.assertThat;

import io.stepwell.execution.ExecutionChanges.Watched;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ExecutionChangesTest {
  private final ExecutionChanges changes = new ExecutionChanges();
  private final UUID workspace = UUID.randomUUID();
  private final UUID id = UUID.randomUUID();

  @Test
  void a_change_is_told_to_all_who_watch_it_until_they_close() {
    AtomicInteger first = new AtomicInteger();
    AtomicInteger second = new AtomicInteger();
    AtomicInteger other = new AtomicInteger();
    try (ExecutionChanges.Watch watch = changes.watch(workspace, id, first::incrementAndGet);
        ExecutionChanges.Watch elsewhere =
            changes.watch(workspace, UUID.randomUUID(), other::incrementAndGet)) {
      try (ExecutionChanges.Watch too = changes.watch(workspace, id, second::incrementAndGet)) {
        changes.changed(id);
        assertThat(changes.watched()).hasSize(2).contains(new Watched(workspace, id));
      }
      changes.changed(id);
    }
    changes.changed(id);
    assertThat(first).hasValue(2);
    assertThat(second).hasValue(1);
    assertThat(other).hasValue(0);
    assertThat(changes.watched()).isEmpty();
  }
}
