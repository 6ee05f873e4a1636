package io.stepwell.engine;

import com.fasterxml.jackson.databind.JsonNode;
import io.stepwell.action.ActionFailure;
import io.stepwell.kernel.Json;
import io.stepwell.kernel.Room;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one run of an execution has of its outputs in memory: small ones as long as there is room;
 * the others are read again by the steps that reach them, and forgotten with the step.
 */
final class Outputs implements AutoCloseable {
  /** Larger ones are not kept, and are made room for while they are recorded. */
  static final int LARGE = 64 << 10;

  /** What decides over branches is kept whatever else there is. */
  private static final int TINY = 1 << 10;

  /** Of one execution, as JSON text. */
  static final long MAX_KEPT = 1 << 20;

  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private final Claim claim;
  private final Memory memory;
  private final OutputStore store;
  private final AnswerMemory.OfRun received;
  // by path, for the step that runs
  private final Map<String, JsonNode> fetched = new HashMap<>();
  private long ofRun;
  private long ofStep;
  private long kept;
  private @Nullable JsonNode measured;
  private int measuredBytes;
  private volatile @Nullable RuntimeException failure;

  Outputs(Claim claim, Memory memory, AnswerMemory answers, OutputStore store) {
    this.claim = claim;
    this.memory = memory;
    this.store = store;
    this.received = answers.of(claim.workspaceId());
  }

  /** For what a step receives; given back with the step. */
  Room room() {
    return received;
  }

  /**
   * Makes room for what the execution was started with.
   *
   * @throws Unavailable when there is none
   */
  void begin() {
    long bytes = Footprint.ofTree(claim.triggerData());
    if (bytes <= LARGE) {
      // as many as there are slots: no other workspace's data may keep these from running
      memory.takeAnyway(claim.workspaceId(), bytes);
    } else if (!memory.tryTake(claim.workspaceId(), bytes)) {
      throw new Unavailable("there is no memory for its trigger data", null);
    }
    ofRun += bytes;
  }

  /** The bytes of its JSON text; of the same tree it is counted once. */
  @SuppressWarnings("ReferenceEquality")
  int bytes(@Nullable JsonNode output) {
    if (output != measured) {
      measuredBytes = Footprint.ofText(output);
      measured = output;
    }
    return measuredBytes;
  }

  /** Whether an output stays in memory from now on. */
  boolean keep(JsonNode output, int bytes) {
    long heap = Footprint.ofTree(output);
    boolean room =
        bytes <= LARGE && kept + bytes <= MAX_KEPT && memory.tryTake(claim.workspaceId(), heap);
    if (!room && bytes > TINY) {
      return false;
    }
    if (room) {
      ofRun += heap;
    }
    kept += bytes;
    return true;
  }

  /**
   * An output that is not kept, but durable.
   *
   * @throws Unavailable when there is no memory for it now, or no database
   * @throws ActionFailure when there never is
   */
  synchronized JsonNode fetch(String path, int bytes) {
    try {
      @Nullable JsonNode known = fetched.get(path);
      return known == null ? read(path, bytes) : known;
    } catch (Unavailable | ActionFailure e) {
      failure = e;
      throw e;
    }
  }

  private JsonNode read(String path, int bytes) {
    take(2L * bytes);
    String text = store.read(claim.workspaceId(), claim.executionId(), path);
    take(Footprint.ofTreeOf(text));
    JsonNode output = Json.read(text);
    ofStep -= 2L * bytes;
    memory.release(claim.workspaceId(), 2L * bytes);
    fetched.put(path, output);
    return output;
  }

  private void take(long bytes) {
    if (ofStep + bytes > memory.share()) {
      throw ActionFailure.permanent(
          "expression_error",
          "The step reaches more of the earlier outputs than there is room for.");
    }
    try {
      if (!memory.take(claim.workspaceId(), bytes, PATIENCE)) {
        throw new Unavailable("there is no memory for the outputs that it reaches", null);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Unavailable("it was interrupted", e);
    }
    ofStep += bytes;
  }

  /** Why an output could not be fetched, if one could not: a library may swallow what is thrown. */
  @Nullable RuntimeException failure() {
    return failure;
  }

  /**
   * Forgets what was fetched for a config, and makes room for the config itself as long as the step
   * runs.
   *
   * @throws Unavailable when there is none now
   */
  void holdConfig(JsonNode rendered) {
    forget();
    long bytes = Footprint.ofTree(rendered);
    if (bytes > LARGE) {
      take(bytes);
    }
  }

  /** Makes room for recording a large output, as soon as there is some. */
  void makeRoom(JsonNode output, Lease lease) throws LeaseLost {
    forgetFetched();
    if (received.isHeld()) {
      // what was taken for the answer covers its record: nobody waits for one while holding another
      return;
    }
    // the tree, its text, and what the driver makes of that
    long bytes = Math.min(3 * Footprint.ofTree(output), memory.most() / 4);
    try {
      lease.enter();
      try {
        while (!memory.take(claim.workspaceId(), bytes, PATIENCE)) {
          // the attempt is made: there is no way but to wait
        }
        ofStep += bytes;
      } finally {
        lease.leave();
      }
    } catch (InterruptedException e) {
      throw new LeaseLost();
    }
  }

  /** The step is over, or has no more use for what it fetched. */
  void forget() {
    forgetFetched();
    received.give();
  }

  private synchronized void forgetFetched() {
    fetched.clear();
    measured = null;
    failure = null;
    memory.release(claim.workspaceId(), ofStep);
    ofStep = 0;
  }

  @Override
  public void close() {
    forget();
    memory.release(claim.workspaceId(), ofRun);
    ofRun = 0;
  }
}
