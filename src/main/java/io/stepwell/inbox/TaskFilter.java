package io.stepwell.inbox;

import io.stepwell.kernel.Failure;
import io.stepwell.kernel.QueryText;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which tasks of a workspace are asked for.
 *
 * @param statuses empty for all
 * @param assignedTo empty for everybody's
 */
record TaskFilter(Set<TaskStatus> statuses, Optional<String> assignedTo) {

  /**
   * Reads the query parameters of a list.
   *
   * @throws Failure {@code invalid_status} or {@code invalid_assigned_to}
   */
  static TaskFilter of(@Nullable String status, @Nullable String assignedTo) {
    return new TaskFilter(statuses(status), QueryText.of("assignedTo", "assigned_to", assignedTo));
  }

  private static Set<TaskStatus> statuses(@Nullable String text) {
    Set<TaskStatus> statuses = EnumSet.noneOf(TaskStatus.class);
    if (text != null) {
      for (String name : text.split(",", -1)) {
        statuses.add(status(name));
      }
    }
    return statuses;
  }

  private static TaskStatus status(String name) {
    return Arrays.stream(TaskStatus.values())
        .filter(status -> status.name().equals(name))
        .findFirst()
        .orElseThrow(() ->
            Failure.malformed(
                "invalid_status",
                "status is one or more, with commas, of "
                    + Arrays.toString(TaskStatus.values())
                    + "."));
  }
}
