package io.stepwell.engine;

import io.stepwell.engine.JournalWriter.Locks;
import io.stepwell.engine.JournalWriter.Written;
import io.stepwell.execution.ExecutionChanges;
import io.stepwell.kernel.Loop;
import io.stepwell.kernel.SqlTrouble;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jboss.logging.Logger;

/**
 * Commits what the journal has taken, whatever comes between: together, else by execution, else
 * later. Tells whoever waits what became of it. Only the journal's thread uses it.
 */
final class JournalCommits {
  private static final Logger LOG = Logger.getLogger(JournalCommits.class);
  private static final Duration PAUSE = Duration.ofMillis(200);
  // so many executions in a row that fail alike: trying the next one would tell nothing new
  private static final int SAME_FOR_ALL = 3;

  private final JournalWriter writer;
  private final JournalQueue queue;
  private final Loop loop;
  private final ExecutionChanges changes;
  private final EngineMetrics metrics;
  private final CondemnedLeases condemned;
  private final SetAside aside = new SetAside();

  JournalCommits(
      JournalWriter writer,
      JournalQueue queue,
      Loop loop,
      ExecutionChanges changes,
      EngineMetrics metrics,
      RunningExecutions running) {
    this.writer = writer;
    this.queue = queue;
    this.loop = loop;
    this.changes = changes;
    this.metrics = metrics;
    this.condemned = new CondemnedLeases(writer, running, metrics);
  }

  /** Returns once each of them is written, dropped, refused or set aside. */
  void write(List<JournalEntry> batch) throws InterruptedException {
    List<JournalEntry> free = new ArrayList<>();
    for (JournalEntry entry : batch) {
      if (condemned.refuses(entry)) {
        continue;
      }
      if (aside.holds(entry.executionId())) {
        aside.add(entry);
      } else {
        free.add(entry);
      }
    }
    if (!free.isEmpty()) {
      writeTogether(free);
    }
  }

  private void writeTogether(List<JournalEntry> batch) throws InterruptedException {
    Locks locks = Locks.EXPECT_NONE;
    while (true) {
      try {
        commit(batch, locks).forEach(aside::add);
        return;
      } catch (SQLException | RuntimeException e) {
        // whatever it is, the writer must live: every execution of this replica depends on it
        SqlTrouble trouble = SqlTrouble.of(e);
        if (trouble == SqlTrouble.AWAY) {
          LOG.warnf("the journal cannot write, trying again: %s", e.getMessage());
          metrics.commitRetried();
          loop.turning();
          queue.pause(PAUSE);
        } else if (trouble == SqlTrouble.LOCK && locks == Locks.EXPECT_NONE) {
          locks = Locks.EXPECT_SOME;
        } else {
          LOG.debugf("a batch of %d cannot be written at once: %s", batch.size(), e.getMessage());
          writeApart(batch);
          return;
        }
      }
    }
  }

  /** One bad row, or one lock, fails its whole batch: the others must not wait for it. */
  private void writeApart(List<JournalEntry> batch) {
    Map<UUID, List<JournalEntry>> byExecution = new LinkedHashMap<>();
    for (JournalEntry entry : batch) {
      byExecution.computeIfAbsent(entry.executionId(), id -> new ArrayList<>()).add(entry);
    }
    int failed = 0;
    for (List<JournalEntry> those : byExecution.values()) {
      // when all of them fail it is not theirs, and trying every one of them takes long
      List<JournalEntry> left = failed < SAME_FOR_ALL ? writeOne(those) : those;
      left.forEach(aside::add);
      failed = left.isEmpty() ? 0 : failed + 1;
    }
  }

  /** Writes records of one execution; returns those that cannot be written now. */
  private List<JournalEntry> writeOne(List<JournalEntry> those) {
    try {
      return commit(those, Locks.EXPECT_SOME);
    } catch (SQLException | RuntimeException e) {
      if (SqlTrouble.of(e) != SqlTrouble.ROW) {
        LOG.warnf(
            "the journal cannot write records of %s, trying again: %s",
            those.getFirst().executionId(), e.getMessage());
        metrics.commitRetried();
        return those;
      }
      if (those.size() == 1) {
        condemned.refuse(those.getFirst(), e);
        return List.of();
      }
      return writeInTurn(those);
    }
  }

  /** One of them is refused: what came before it is written, what follows is refused with it. */
  private List<JournalEntry> writeInTurn(List<JournalEntry> those) {
    for (int i = 0; i < those.size(); i++) {
      JournalEntry entry = those.get(i);
      if (!condemned.refuses(entry) && !writeOne(List.of(entry)).isEmpty()) {
        return those.subList(i, those.size());
      }
    }
    return List.of();
  }

  /** How long nothing is to be tried again, in nanoseconds. */
  long untilNext() {
    return Math.min(aside.untilNext(), condemned.untilNext());
  }

  /** Tries what could not be written before, where it is time. */
  void tryAgain() {
    condemned.tryAgain();
    aside.due().forEach((execution, those) -> aside.tried(execution, writeOne(those)));
  }

  /** Returns those that another session holds up. */
  private List<JournalEntry> commit(List<JournalEntry> batch, Locks locks) throws SQLException {
    long began = System.nanoTime();
    Written written = writer.write(batch, locks);
    metrics.committed(began, batch.size() - written.locked().size(), written.lost().size());
    settle(batch, written);
    return List.copyOf(batch.stream().filter(entry -> written.locked().contains(entry)).toList());
  }

  private void settle(List<JournalEntry> batch, Written written) {
    Set<UUID> changed = new HashSet<>();
    boolean released = false;
    for (JournalEntry entry : batch) {
      if (written.locked().contains(entry)) {
        continue;
      }
      if (written.unfinished().contains(entry)) {
        condemned.refuse(
            entry, new IllegalStateException("a step of the execution is still RUNNING"));
        continue;
      }
      boolean durable = !written.lost().contains(entry);
      entry.written().complete(durable);
      if (durable) {
        changed.add(entry.executionId());
        released |= entry.ending().orElse(null) instanceof JournalEntry.Release;
        if (entry.ending().orElse(null) instanceof JournalEntry.Finish end) {
          metrics.finished(end);
        }
      }
    }
    metrics.changed(changed.size());
    changed.forEach(changes::changed);
    if (released) {
      changes.due();
    }
  }
}
