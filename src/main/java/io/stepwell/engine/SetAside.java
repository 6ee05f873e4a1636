package io.stepwell.engine;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/**
 * Records that cannot be written now, by execution and in their order, so that the records of other
 * executions go on. They are tried again, the less often the longer it does not help. Not
 * thread-safe.
 */
final class SetAside {
  private static final long FIRST_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
  private static final long LONGEST_NANOS = TimeUnit.SECONDS.toNanos(1);

  private static final class Waiting {
    private final List<JournalEntry> entries = new ArrayList<>();
    private long delay = FIRST_NANOS;
    private long next;
  }

  private final Map<UUID, Waiting> waiting = new LinkedHashMap<>();

  /** Whether an earlier record of the execution is here, which a later one must not overtake. */
  boolean holds(UUID executionId) {
    return waiting.containsKey(executionId);
  }

  /** Sets a record aside, behind those of its execution that are here already. */
  void add(JournalEntry entry) {
    Waiting those =
        waiting.computeIfAbsent(
            entry.executionId(),
            id -> {
              Waiting fresh = new Waiting();
              fresh.next = System.nanoTime() + fresh.delay;
              return fresh;
            });
    those.entries.add(entry);
  }

  /** How long there is nothing to try, in nanoseconds. */
  long untilNext() {
    long now = System.nanoTime();
    return waiting.values().stream()
        .mapToLong(those -> those.next - now)
        .min()
        .orElse(Long.MAX_VALUE);
  }

  /** What is to be tried now, of each execution all of it. */
  Map<UUID, List<JournalEntry>> due() {
    long now = System.nanoTime();
    Map<UUID, List<JournalEntry>> due = new LinkedHashMap<>();
    waiting.forEach((execution, those) -> {
      if (those.next - now <= 0) {
        due.put(execution, List.copyOf(those.entries));
      }
    });
    return due;
  }

  /**
   * The records of an execution were tried.
   *
   * @param left those that still cannot be written
   */
  void tried(UUID executionId, List<JournalEntry> left) {
    Waiting those = waiting.get(executionId);
    if (those == null || left.isEmpty()) {
      waiting.remove(executionId);
      return;
    }
    those.entries.retainAll(left);
    those.delay = Math.min(2 * those.delay, LONGEST_NANOS);
    those.next = System.nanoTime() + those.delay;
  }
}
