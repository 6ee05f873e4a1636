package io.stepwell.engine;

import io.quarkus.runtime.StartupEvent;
import io.stepwell.execution.ExecutionChanges;
import io.stepwell.kernel.Loop;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.List;

/**
 * Makes what the runners do durable: one writer drains what has gathered into one transaction.
 *
 * <p>Under load a commit carries hundreds of steps; idle, an entry waits only for its own. An entry
 * is written, or dropped because its lease is lost, or refused because the database will never take
 * it. While the database is away all of them wait; while another session holds one of them up, only
 * those of its execution do. Thread-safe.
 */
@ApplicationScoped
class Journal {
  private final Loop loop = Loop.essential("journal", this::turn);
  private final EngineConfig config;
  private final JournalQueue queue;
  private final JournalCommits commits;

  Journal(
      JournalWriter writer,
      ExecutionChanges changes,
      EngineConfig config,
      EngineMetrics metrics,
      RunningExecutions running) {
    this.config = config;
    this.queue = new JournalQueue(config, loop);
    this.commits = new JournalCommits(writer, queue, loop, changes, metrics, running);
  }

  void start(@Observes StartupEvent event) {
    loop.start();
  }

  /** Writes what is still there, then ends. The engine has stopped before. */
  @PreDestroy
  void stop() throws InterruptedException {
    loop.stop(queue::wake, config.drainGrace());
  }

  /** Hands an entry over; its {@code written} tells what became of it. */
  void append(JournalEntry entry) {
    queue.append(entry);
  }

  /**
   * Hands over what is true for the moment: that a step runs. It is written after the linger,
   * unless an entry that tells more of the step has come meanwhile, which makes it needless.
   */
  void note(JournalEntry note) {
    queue.note(note);
  }

  /** Somebody waits for what was appended before, lazy or not. */
  void hurry() {
    queue.hurry();
  }

  private boolean turn() throws InterruptedException {
    // race: what is handed over before a stop is written, so the last turn is one that finds
    // nothing
    boolean stopping = loop.isStopping();
    List<JournalEntry> batch = queue.take(commits::untilNext);
    commits.write(batch);
    commits.tryAgain();
    return !stopping || !batch.isEmpty();
  }
}
