package io.stepwell.http;

import com.fasterxml.jackson.databind.JsonNode;
import io.stepwell.kernel.Failure;
import io.stepwell.kernel.FairBudget;
import io.stepwell.kernel.Json;
import io.stepwell.kernel.JsonSize;
import io.stepwell.kernel.Turns;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.RequestScoped;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.UUID;
import java.util.function.Supplier;

/** The memory that the body of the present request has, given back when the request is over. */
@RequestScoped
public class BodyMemory {
  private static final UUID INSTANCE = new UUID(0, 0);

  private final Budget budget;
  private final Turns turns;
  private UUID owner = INSTANCE;
  private long held;

  BodyMemory(Budget budget, Turns turns) {
    this.budget = budget;
    this.turns = turns;
  }

  /** Says whose it is, before the body is read; without it, the instance administrator's. */
  public void belongsTo(UUID workspaceId) {
    owner = workspaceId;
  }

  /**
   * Takes as much as makes it so many bytes; of a body that is larger than all of the budget, only
   * a part is counted.
   *
   * @throws Failure LIMITED {@code overloaded} when the workspace has no more
   */
  void takeUpTo(long bytes) {
    long more = Math.min(bytes, budget.bytes.total() / 2) - held;
    if (more <= 0) {
      return;
    }
    if (!budget.bytes.take(owner, more)) {
      throw Failure.limited(
          "overloaded",
          "Too many large requests of this workspace are being served.",
          Duration.ofSeconds(1));
    }
    held += more;
  }

  /**
   * Makes room for a stored document of so many bytes, before it is read, as for a body.
   *
   * @throws Failure LIMITED {@code overloaded} when the workspace has no more
   */
  public void receive(long bytes) {
    if (bytes > BoundedBody.SMALL) {
      takeUpTo(BoundedBody.READING * bytes);
    }
  }

  /**
   * Parses a stored document as if it were the body.
   *
   * @throws Failure LIMITED {@code overloaded} when the workspace has no memory for its tree
   */
  public JsonNode parse(String stored) {
    if (stored.length() > BoundedBody.SMALL) {
      byte[] bytes = stored.getBytes(StandardCharsets.UTF_8);
      takeUpTo(bytes.length + JsonSize.ofTree(bytes));
    }
    return inTurn(() -> Json.read(stored));
  }

  /** Does what takes a processor for long where the body is large, when it is its turn. */
  public <T> T inTurn(Supplier<T> work) {
    return held == 0 ? work.get() : turns.within(owner, work);
  }

  @PreDestroy
  void give() {
    budget.bytes.give(owner, held);
    held = 0;
  }

  /** Of the heap, for large bodies of all requests; a workspace gets half of what others leave. */
  @Singleton
  static class Budget {
    private static final int SHARE_OF_HEAP = 8;
    private static final double SHARE_OF_WORKSPACE = 0.5;

    private final FairBudget bytes;

    @Inject
    Budget(HttpConfig config) {
      this(
          config
              .bodyMemory()
              .map(size -> size.asLongValue())
              .orElseGet(() -> Runtime.getRuntime().maxMemory() / SHARE_OF_HEAP));
    }

    Budget(long total) {
      bytes = new FairBudget(total, SHARE_OF_WORKSPACE);
    }
  }
}
