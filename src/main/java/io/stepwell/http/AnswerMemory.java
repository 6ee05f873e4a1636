package io.stepwell.http;

import io.quarkus.vertx.http.runtime.CurrentVertxRequest;
import io.stepwell.kernel.Failure;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.RequestScoped;
import java.time.Duration;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The memory that the answer to the present request has, given back when the client has it, went
 * away, or reads so slowly that it is cut off.
 */
@RequestScoped
public class AnswerMemory {
  /** What the API's description says of it. */
  public static final String REFUSED = "overloaded: no memory for the answer; see Retry-After";

  private static final Duration PATIENCE = Duration.ofSeconds(1);

  private final AnswerBudget budget;
  private final CurrentVertxRequest request;
  private final Vertx vertx;
  private final long slowest;
  private final long lookMillis;
  private AnswerBudget.@Nullable Part part;
  private long timer;

  AnswerMemory(AnswerBudget budget, CurrentVertxRequest request, Vertx vertx, HttpConfig config) {
    this.budget = budget;
    this.request = request;
    this.vertx = vertx;
    this.lookMillis = config.slowReadingTime().toMillis();
    this.slowest = config.slowReadingBytes().asLongValue();
  }

  /**
   * Takes what an answer of so many bytes needs. It may wait, so whoever asks holds no connection
   * to the database.
   *
   * @throws Failure LIMITED {@code overloaded} when the workspace has no more
   */
  public void take(UUID workspaceId, long bytes) {
    if (!tryTake(workspaceId, bytes, PATIENCE)) {
      throw Failure.limited(
          "overloaded",
          "Too many large answers to this workspace are being read.",
          Duration.ofSeconds(1));
    }
  }

  /** The same, where there is an answer without it: {@code false} when it has no more. */
  public boolean tryTake(UUID workspaceId, long bytes) {
    return tryTake(workspaceId, bytes, PATIENCE);
  }

  /** The same without waiting, within a transaction. */
  public boolean takeNow(UUID workspaceId, long bytes) {
    return tryTake(workspaceId, bytes, Duration.ZERO);
  }

  private boolean tryTake(UUID workspaceId, long bytes, Duration atMost) {
    if (bytes <= AnswerBudget.SMALL) {
      return true;
    }
    if (part == null) {
      part = budget.of(workspaceId);
    }
    boolean taken = part.take(bytes, atMost);
    if (taken && timer == 0) {
      @Nullable RoutingContext context = request.getCurrent();
      timer = context == null ? 0 : cutOffWhenSlow(context.response());
    }
    return taken;
  }

  /** While the answer is being written, its client has to read some of it in every period. */
  private long cutOffWhenSlow(HttpServerResponse response) {
    long[] before = {-1};
    return vertx.setPeriodic(
        lookMillis,
        id -> {
          long written = response.headWritten() ? response.bytesWritten() : -1;
          if (before[0] >= 0 && written - before[0] < slowest) {
            response.reset();
          }
          before[0] = written;
        });
  }

  @PreDestroy
  void give() {
    if (timer != 0) {
      vertx.cancelTimer(timer);
    }
    if (part != null) {
      part.give();
    }
  }
}
