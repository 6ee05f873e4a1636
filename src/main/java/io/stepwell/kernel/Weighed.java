package io.stepwell.kernel;

import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.List;
import java.util.UUID;

/**
 * A row of a list that was not read yet.
 *
 * @param bytes of what may be large in it
 */
@RegisterForReflection // queries name it, and an executable finds no class by name else
public record Weighed(UUID id, long bytes) {
  public static long sum(List<Weighed> rows) {
    return rows.stream().mapToLong(Weighed::bytes).sum();
  }
}
