package io.stepwell.engine;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.Optional;

/** How the engine of this replica runs; every value has a default that suits one small machine. */
@ConfigMapping(prefix = "stepwell.engine")
public interface EngineConfig {
  /** Executions that run at once on this replica; waiting ones take no slot. */
  @WithDefault("256")
  int slots();

  /**
   * How much of the slots that other workspaces leave one workspace may have, above 0 and up to 1:
   * three quarters of all of them when it is alone.
   */
  @WithDefault("0.75")
  double workspaceShare();

  /** What the executions of one claim may weigh, as the text of their data. */
  @WithDefault("8388608")
  long claimBytes();

  /** What the records of one transaction of the journal may weigh, as text. */
  @WithDefault("8388608")
  long journalBytes();

  /**
   * How long an execution stays with a replica that says nothing more; it is prolonged at a third.
   */
  @WithDefault("10s")
  Duration lease();

  /**
   * How often to look for due executions that nobody announced, up to a tenth later by chance;
   * idle, this is the one query.
   */
  @WithDefault("1s")
  Duration poll();

  /** How often to look whether running executions were cancelled or taken by another replica. */
  @WithDefault("400ms")
  Duration leaseCheck();

  /** How long running steps may go on after the order to stop. */
  @WithDefault("10s")
  Duration drainGrace();

  /** Claims without progress after which an execution is failed as poisoned. */
  @WithDefault("10")
  int maxClaims();

  /** Records that one journal transaction carries at most. */
  @WithDefault("500")
  int journalBatch();

  /**
   * How long a record that nobody waits for, such as that of a step's start, may wait for something
   * to be committed with.
   */
  @WithDefault("5ms")
  Duration linger();

  /** Backoffs longer than this release the execution instead of holding its slot. */
  @WithDefault("2s")
  Duration parkedBackoff();

  /** The largest output of a step, as JSON text; a larger one fails the step. */
  @WithDefault("4194304")
  int maxOutputBytes();

  /** How long a loop that everything depends on may stand still until the process is not alive. */
  @WithDefault("60s")
  Duration stuckAfter();

  /**
   * How long an execution waits for a replica that knows its next action, counted from when one
   * first did not.
   */
  @WithDefault("10m")
  Duration unknownTypePatience();

  /**
   * What the data of all running executions may take of the heap; without it a quarter of the
   * largest heap.
   */
  Optional<MemorySize> memory();
}
