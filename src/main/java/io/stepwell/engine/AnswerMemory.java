package io.stepwell.engine;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.stepwell.kernel.Room;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.Semaphore;

/**
 * The part of the heap that large answers to steps may take from their first bytes until they are
 * recorded: as much as {@link Memory}, half of it for one workspace. Thread-safe.
 *
 * <p>It is apart from that, and a step takes its part of it at once: what waits for memory of
 * either kind holds none of this, so that whoever holds some gets to its end.
 */
@ApplicationScoped
class AnswerMemory {
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private final Memory memory;
  // an answer with more values than its text let expect goes over the bound, one at a time
  private final Semaphore beyond = new Semaphore(1, true);

  @Inject
  AnswerMemory(Memory ofRuns, MeterRegistry metrics) {
    this(ofRuns.most());
    Gauge.builder("stepwell.engine.answer.memory", memory, Memory::held)
        .baseUnit("bytes")
        .register(metrics);
  }

  AnswerMemory(long most) {
    this.memory = new Memory(most);
  }

  OfRun of(UUID workspaceId) {
    return new OfRun(workspaceId);
  }

  /** What one run has of it. */
  final class OfRun implements Room {
    private final UUID workspaceId;
    private long held;
    private boolean goesBeyond;

    private OfRun(UUID workspaceId) {
      this.workspaceId = workspaceId;
    }

    @Override
    public synchronized void take(long bytes) throws InterruptedException {
      if (held == 0) {
        // no more than the share, or a large one would wait until nobody has any
        long part = Math.min(bytes, memory.share());
        while (!memory.take(workspaceId, part, PATIENCE)) {
          // its attempt's timeout interrupts it
        }
        held = part;
      } else if (bytes > held) {
        more(bytes - held);
      }
    }

    private void more(long bytes) throws InterruptedException {
      if (memory.tryTake(workspaceId, bytes)) {
        held += bytes;
        return;
      }
      if (!goesBeyond) {
        beyond.acquire();
        goesBeyond = true;
      }
      memory.takeAnyway(workspaceId, bytes);
      held += bytes;
    }

    synchronized boolean isHeld() {
      return held > 0;
    }

    @Override
    public synchronized void give() {
      memory.release(workspaceId, held);
      held = 0;
      if (goesBeyond) {
        goesBeyond = false;
        beyond.release();
      }
    }
  }
}
