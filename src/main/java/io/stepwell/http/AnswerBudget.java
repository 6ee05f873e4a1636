package io.stepwell.http;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.stepwell.kernel.FairBudget;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/**
 * The part of the heap that large answers may take, from before their documents are read until
 * their clients have them; a workspace gets half of what others leave. Thread-safe.
 */
@Singleton
public class AnswerBudget {
  /** Up to so many bytes an answer is read without asking. */
  public static final int SMALL = 64 << 10;

  /** The row as the driver receives it, and its text. */
  private static final int READING = 2;

  private static final int SHARE_OF_HEAP = 8;
  private static final double SHARE_OF_WORKSPACE = 0.5;

  private final FairBudget bytes;

  @Inject
  AnswerBudget(HttpConfig config, MeterRegistry metrics) {
    this(
        config
            .answerMemory()
            .map(size -> size.asLongValue())
            .orElseGet(() -> Runtime.getRuntime().maxMemory() / SHARE_OF_HEAP));
    Gauge.builder("stepwell.http.answer.memory", bytes, b -> b.total() - b.free())
        .baseUnit("bytes")
        .register(metrics);
  }

  AnswerBudget(long total) {
    bytes = new FairBudget(total, SHARE_OF_WORKSPACE);
  }

  /** What one answer of a workspace has of it: nothing yet. */
  public Part of(UUID workspaceId) {
    return new Part(workspaceId);
  }

  /** What one answer has of it. */
  public final class Part {
    private final UUID workspaceId;
    private long held;

    private Part(UUID workspaceId) {
      this.workspaceId = workspaceId;
    }

    /**
     * Takes what an answer of so many bytes needs, as soon as that is free; of one that is larger
     * than all of the budget, only a part is counted.
     *
     * @return false when it was not free in time
     */
    public boolean take(long answer, Duration atMost) {
      synchronized (AnswerBudget.this) {
        long more = Math.min(READING * answer, bytes.total() / 2) - held;
        if (more > 0 && !taken(more, System.nanoTime() + atMost.toNanos())) {
          return false;
        }
        held += Math.max(0, more);
        return true;
      }
    }

    private boolean taken(long more, long deadline) {
      while (!bytes.take(workspaceId, more)) {
        long left = deadline - System.nanoTime();
        if (left <= 0) {
          return false;
        }
        try {
          TimeUnit.NANOSECONDS.timedWait(AnswerBudget.this, left);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          return false;
        }
      }
      return true;
    }

    public boolean isHeld() {
      synchronized (AnswerBudget.this) {
        return held > 0;
      }
    }

    /** Gives all of it back. */
    public void give() {
      synchronized (AnswerBudget.this) {
        bytes.give(workspaceId, held);
        held = 0;
        AnswerBudget.this.notifyAll();
      }
    }
  }
}
