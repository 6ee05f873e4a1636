package io.stepwell.stream;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.Startup;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.subscription.BackPressureStrategy;
import io.smallrye.mutiny.subscription.MultiEmitter;
import io.stepwell.execution.ExecutionChanges;
import io.stepwell.execution.ExecutionQueries;
import io.stepwell.execution.ExecutionQueries.Since;
import io.stepwell.kernel.Failure;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/**
 * Tells clients what happens to an execution, on whichever replica it runs.
 *
 * <p>Each subscription reads the database when it is told that something changed, so that it shows
 * what is durable and nothing else. It reads no further than its client does: a slow one costs no
 * memory.
 */
@Startup // so that a scrape before the first stream names its metrics
@ApplicationScoped
public class ExecutionFeed {
  private static final Logger LOG = Logger.getLogger(ExecutionFeed.class);

  private final ExecutionQueries queries;
  private final ExecutionChanges changes;
  private final Duration heartbeat;
  private final Counter events;
  private final Counter resumed;
  private final Set<Subscription> subscriptions = ConcurrentHashMap.newKeySet();
  private volatile boolean stopping;

  ExecutionFeed(
      ExecutionQueries queries,
      ExecutionChanges changes,
      StreamConfig config,
      MeterRegistry metrics) {
    this.queries = queries;
    this.changes = changes;
    this.heartbeat = config.heartbeat();
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

  /** Clients reconnect, to another replica. */
  void drain(@Observes ShutdownDelayInitiatedEvent event) {
    end();
  }

  void stop(@Observes ShutdownEvent event) {
    end();
  }

  private void end() {
    stopping = true;
    subscriptions.forEach(Subscription::tell);
  }

  /** One client. */
  private final class Subscription {
    private final UUID workspaceId;
    private final UUID executionId;
    private final Narration narration;
    private final MultiEmitter<? super StreamEvent> emitter;
    private final ExecutionChanges.Watch watch;

    Subscription(
        UUID workspaceId,
        UUID executionId,
        EventId seen,
        MultiEmitter<? super StreamEvent> emitter) {
      this.workspaceId = workspaceId;
      this.executionId = executionId;
      this.narration = new Narration(seen);
      this.emitter = emitter;
      this.watch = changes.watch(executionId);
      if (!seen.equals(EventId.START)) {
        resumed.increment();
      }
    }

    void start() {
      subscriptions.add(this);
      emitter.onTermination(this::tell);
      emitter.onRequest(count -> tell());
      Thread.ofVirtual().name("stream-" + executionId).start(this::run);
    }

    void tell() {
      watch.tell();
    }

    private void run() {
      try (watch) {
        narrate();
        emitter.complete();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        emitter.complete();
      } catch (RuntimeException e) {
        // the client reconnects and resumes: nothing is lost with this stream
        LOG.debugf(e, "a stream of execution %s ends early", executionId);
        if (e instanceof Failure) {
          emitter.complete();
        } else {
          emitter.fail(e);
        }
      } finally {
        subscriptions.remove(this);
      }
    }

    private void narrate() throws InterruptedException {
      boolean finished = false;
      while (!finished && goesOn()) {
        Since since = queries.since(workspaceId, executionId, narration.change());
        for (StreamEvent event : narration.tell(since)) {
          emit(event);
        }
        finished = since.execution().status().isTerminal();
        while (!finished && goesOn() && !watch.await(heartbeat)) {
          emit(new StreamEvent.Heartbeat());
        }
      }
    }

    private boolean goesOn() {
      return !stopping && !emitter.isCancelled();
    }

    private void emit(StreamEvent event) throws InterruptedException {
      boolean told = false;
      while (goesOn() && emitter.requested() == 0) {
        told |= watch.await(heartbeat);
      }
      if (goesOn()) {
        emitter.emit(event);
        if (!(event instanceof StreamEvent.Heartbeat)) {
          events.increment();
        }
      }
      if (told) {
        // it may have been a change as well as the client's request: look again
        watch.tell();
      }
    }
  }
}
