package io.stepwell.workspace;

import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Says in which workspace a thread works that serves no request: the transactions that it begins on
 * the pool of requests see that workspace and no other one. A thread that it starts is in none.
 */
public final class WorkspaceScope {
  private static final ThreadLocal<@Nullable UUID> CURRENT = new ThreadLocal<>();

  private WorkspaceScope() {}

  /** Does the work in the workspace. */
  public static void run(UUID workspaceId, Runnable work) {
    call(
        workspaceId,
        () -> {
          work.run();
          return true;
        });
  }

  /** The same, with a result. */
  public static <T> T call(UUID workspaceId, Supplier<T> work) {
    @Nullable UUID before = CURRENT.get();
    CURRENT.set(workspaceId);
    try {
      return work.get();
    } finally {
      if (before == null) {
        CURRENT.remove();
      } else {
        CURRENT.set(before);
      }
    }
  }

  /** The workspace of this thread, where it is in one. */
  static Optional<UUID> current() {
    return Optional.ofNullable(CURRENT.get());
  }
}
