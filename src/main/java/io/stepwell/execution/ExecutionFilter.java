package io.stepwell.execution;

import io.stepwell.kernel.Failure;
import io.stepwell.kernel.QueryText;
import io.stepwell.kernel.Times;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Which executions of a workspace are asked for.
 *
 * @param workflowId of one workflow, or of all
 * @param statuses empty for all
 * @param from created at this time or later
 * @param to created before this time
 * @param labelKey with {@code labelValue}, or neither
 */
public record ExecutionFilter(
    UUID workspaceId,
    @Nullable UUID workflowId,
    Set<ExecutionStatus> statuses,
    @Nullable Instant from,
    @Nullable Instant to,
    @Nullable String userId,
    @Nullable String labelKey,
    @Nullable String labelValue) {

  /**
   * Reads the query parameters of a list.
   *
   * @throws Failure of kind MALFORMED that names the parameter
   */
  public static ExecutionFilter of(
      UUID workspaceId,
      @Nullable UUID workflowId,
      @Nullable String status,
      @Nullable String from,
      @Nullable String to,
      @Nullable String userId,
      @Nullable String label) {
    @Nullable String user = QueryText.of("userId", "user_id", userId).orElse(null);
    QueryText.of("label", "label", label);
    @Nullable String labelKey = null;
    @Nullable String labelValue = null;
    if (label != null) {
      int colon = label.indexOf(':');
      if (colon < 1) {
        throw Failure.malformed("invalid_label", "label is key:value.");
      }
      labelKey = label.substring(0, colon);
      labelValue = label.substring(colon + 1);
    }
    return new ExecutionFilter(
        workspaceId,
        workflowId,
        statuses(status),
        time("from", from),
        time("to", to),
        user,
        labelKey,
        labelValue);
  }

  private static Set<ExecutionStatus> statuses(@Nullable String text) {
    Set<ExecutionStatus> statuses = EnumSet.noneOf(ExecutionStatus.class);
    if (text != null) {
      for (String name : text.split(",", -1)) {
        try {
          statuses.add(ExecutionStatus.valueOf(name));
        } catch (IllegalArgumentException e) {
          throw Failure.malformed(
              "invalid_status",
              "status is one or more, with commas, of "
                  + EnumSet.allOf(ExecutionStatus.class)
                  + ".");
        }
      }
    }
    return statuses;
  }

  private static @Nullable Instant time(String name, @Nullable String text) {
    return text == null
        ? null
        : Times.parse(text)
            .orElseThrow(() ->
                Failure.malformed(
                    "invalid_time",
                    name + " is an RFC 3339 time such as 2026-11-22T19:44:15.123Z."));
  }
}
