package io.stepwell.stream;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.Startup;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.subscription.BackPressureStrategy;
import io.smallrye.mutiny.subscription.MultiEmitter;
import io.stepwell.execution.ExecutionChanges;
import io.stepwell.execution.ExecutionQueries;
import io.stepwell.execution.ExecutionQueries.Since;
import io.stepwell.http.AnswerBudget;
import io.stepwell.kernel.Failure;
import io.stepwell.workspace.WorkspaceScope;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jboss.logging.Logger;

/**
 * Tells clients what happens to an execution, on whichever replica it runs.
 *
 * <p>Each subscription reads the database when it is told that something changed, so that it shows
 * what is durable and nothing else. It reads no further than its client does, and holds no thread
 * while there is nothing to tell: slow ones and quiet ones cost little.
 */
@Startup // so that a scrape before the first stream names its metrics
@ApplicationScoped
public class ExecutionFeed {
  private static final Logger LOG = Logger.getLogger(ExecutionFeed.class);

  private final ExecutionQueries queries;
  private final ExecutionChanges changes;
  private final AnswerBudget answers;
  private final Duration heartbeat;
  private final Duration slowReading;
  private final Counter events;
  private final Counter resumed;
  private final Set<Subscription> subscriptions = ConcurrentHashMap.newKeySet();
  private final CountDownLatch stopped = new CountDownLatch(1);
  private volatile boolean stopping;

  ExecutionFeed(
      ExecutionQueries queries,
      ExecutionChanges changes,
      AnswerBudget answers,
      StreamConfig config,
      MeterRegistry metrics) {
    this.queries = queries;
    this.changes = changes;
    this.answers = answers;
    this.heartbeat = config.heartbeat();
    this.slowReading = config.slowReading();
    this.events = metrics.counter("stepwell.streams.events");
    this.resumed = metrics.counter("stepwell.streams.resumed");
    metrics.gaugeCollectionSize("stepwell.streams.open", List.of(), subscriptions);
  }

  /** The events after {@code seen}; it completes after the end of the execution. */
  Multi<StreamEvent> subscribe(UUID workspaceId, UUID executionId, EventId seen) {
    return Multi.createFrom()
        .emitter(
            emitter -> new Subscription(workspaceId, executionId, seen, emitter).start(),
            BackPressureStrategy.ERROR);
  }

  void start(@Observes StartupEvent event) {
    Thread.ofVirtual().name("stream-heartbeats").start(this::beat);
  }

  /** A stream is silent for a quarter longer than the heartbeat at most. */
  private void beat() {
    try {
      while (!stopped.await(heartbeat.toNanos() / 4, TimeUnit.NANOSECONDS)) {
        subscriptions.forEach(Subscription::beat);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Clients reconnect, to another replica. */
  void drain(@Observes ShutdownDelayInitiatedEvent event) {
    end();
  }

  void stop(@Observes ShutdownEvent event) {
    end();
  }

  private void end() {
    stopping = true;
    stopped.countDown();
    subscriptions.forEach(Subscription::takeTurn);
  }

  /** One client. What it does, it does in turns, one at a time. */
  private final class Subscription {
    private final UUID workspaceId;
    private final UUID executionId;
    private final Narration narration;
    private final MultiEmitter<? super StreamEvent> emitter;
    private final ExecutionChanges.Watch watch;
    // what it has read and its client has not
    private final AnswerBudget.Part memory;
    // how many turns were asked for: who asks for the first starts the thread that takes them all
    private final AtomicInteger asked = new AtomicInteger(1);
    private volatile boolean changed = true;
    private volatile boolean silent;
    private volatile boolean slow;
    private volatile long told = System.nanoTime();
    // touched in turns only
    private final ArrayDeque<StreamEvent> untold = new ArrayDeque<>(1);
    private boolean finished;
    private boolean ended;

    Subscription(
        UUID workspaceId,
        UUID executionId,
        EventId seen,
        MultiEmitter<? super StreamEvent> emitter) {
      this.workspaceId = workspaceId;
      this.executionId = executionId;
      this.narration = new Narration(seen);
      this.emitter = emitter;
      this.memory = answers.of(workspaceId);
      this.watch = changes.watch(workspaceId, executionId, this::change);
      if (!seen.equals(EventId.START)) {
        resumed.increment();
      }
    }

    void start() {
      subscriptions.add(this);
      emitter.onTermination(this::takeTurn);
      emitter.onRequest(count -> takeTurn());
      takeThem();
    }

    private void change() {
      changed = true;
      takeTurn();
    }

    void beat() {
      long silentFor = System.nanoTime() - told;
      slow = memory.isHeld() && silentFor >= slowReading.toNanos();
      silent |= silentFor >= heartbeat.toNanos();
      if (slow || silent) {
        takeTurn();
      }
    }

    void takeTurn() {
      if (asked.getAndIncrement() == 0) {
        takeThem();
      }
    }

    private void takeThem() {
      Thread.ofVirtual()
          .name("stream-" + executionId)
          .start(() -> WorkspaceScope.run(workspaceId, this::takeTurns));
    }

    private void takeTurns() {
      int taken = asked.get();
      do {
        turn();
        taken = asked.addAndGet(-taken);
      } while (taken != 0);
    }

    private void turn() {
      if (ended) {
        return;
      }
      try {
        tell();
        if (!goesOn() || (finished && untold.isEmpty())) {
          end();
          emitter.complete();
        }
      } catch (RuntimeException | Error e) {
        // the client reconnects and resumes: nothing is lost with this stream
        LOG.debugf(e, "a stream of execution %s ends early", executionId);
        end();
        if (e instanceof Failure) {
          emitter.complete();
        } else {
          emitter.fail(e);
        }
      }
    }

    /** Everything that is new, or as much as the client has asked for. */
    private void tell() {
      while (goesOn() && emitter.requested() > 0) {
        if (!untold.isEmpty()) {
          emit(untold.remove());
          events.increment();
          if (untold.isEmpty()) {
            memory.give();
          }
        } else if (changed && !finished) {
          changed = false;
          Since since =
              queries.since(
                  workspaceId,
                  executionId,
                  narration.change(),
                  bytes -> memory.take(bytes, Duration.ZERO));
          untold.addAll(narration.tell(since));
          finished = since.execution().status().isTerminal();
        } else if (silent) {
          emit(new StreamEvent.Heartbeat());
        } else {
          return;
        }
      }
    }

    private void emit(StreamEvent event) {
      silent = false;
      told = System.nanoTime();
      emitter.emit(event);
    }

    private boolean goesOn() {
      return !stopping && !slow && !emitter.isCancelled();
    }

    private void end() {
      ended = true;
      untold.clear();
      memory.give();
      watch.close();
      subscriptions.remove(this);
    }
  }
}
