package io.stepwell.execution;

import io.stepwell.kernel.Ids;
import io.stepwell.kernel.PageRequest;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The query that finds the ids of a page, newest first, at a cost of about the page.
 *
 * <p>Each has one index that gives its rows in order, and is written so that no other does: plans
 * are made without knowing the values, and with {@code workflow_id = ?} a plan may as well read the
 * whole workspace and drop what it does not want. So all columns of the index are compared as one
 * row and stand in the order.
 */
final class Candidates {
  // of a label together with other filters: how many that have it are looked at for one page
  static final int MOST = 2_000;

  private static final UUID LEAST = new UUID(0, 0);

  // a page of each status, since the index has the status before the id; of them all the newest
  private static final String BY_STATUS =
      """
      select p.id
      from unnest(?::text[]) s (status)
      cross join lateral (
        select id
        from execution
        where workspace_id = ? and (%1$s) >= (%2$s, ?) and (%1$s) < (%2$s, ?)
        order by %3$s
        limit ?) p
      order by p.id desc
      limit ?\
      """;

  private static final String BY_LABEL =
      """
      select execution_id as id
      from execution_label
      where workspace_id = ? and (%1$s) >= (%2$s, ?) and (%1$s) < (%2$s, ?)
      order by %3$s
      limit ?\
      """;

  private final String sql;
  private final List<Object> parameters = new ArrayList<>();
  private final StringBuilder conditions = new StringBuilder();
  private final List<Object> conditionParameters = new ArrayList<>();

  Candidates(ExecutionFilter filter, PageRequest request) {
    List<String> columns = new ArrayList<>();
    List<String> values = new ArrayList<>();
    List<Object> bound = new ArrayList<>();
    if (filter.workflowId() != null) {
      columns.add("workflow_id");
      values.add("?");
      bound.add(filter.workflowId());
    }
    boolean byLabel = filter.labelKey() != null;
    if (byLabel) {
      columns.addAll(List.of("label", "execution_id"));
      values.add("?");
      bound.add(filter.labelKey() + ":" + filter.labelValue());
      addConditions(filter);
    } else {
      if (filter.userId() != null) {
        columns.add("user_id");
        values.add("?");
        bound.add(filter.userId());
      }
      columns.addAll(List.of("status", "id"));
      values.add("s.status");
      parameters.add(statuses(filter));
    }
    parameters.add(filter.workspaceId());
    parameters.addAll(bound);
    // created_at is the time in the id, so that one index serves the order and the range
    parameters.add(filter.from() == null ? LEAST : Ids.firstAt(filter.from()));
    parameters.addAll(bound);
    parameters.add(before(filter, request));
    int limit = bounded() ? MOST : request.fetch();
    parameters.add(limit);
    if (!byLabel) {
      parameters.add(limit);
    }
    this.sql =
        (byLabel ? BY_LABEL : BY_STATUS)
            .formatted(
                String.join(", ", columns),
                String.join(", ", values),
                String.join(" desc, ", columns) + " desc");
  }

  private void addConditions(ExecutionFilter filter) {
    if (!filter.statuses().isEmpty()) {
      conditions.append(" and status = any(?)");
      conditionParameters.add(statuses(filter));
    }
    if (filter.userId() != null) {
      conditions.append(" and user_id = ?");
      conditionParameters.add(filter.userId());
    }
  }

  private static String[] statuses(ExecutionFilter filter) {
    Set<ExecutionStatus> wanted =
        filter.statuses().isEmpty() ? EnumSet.allOf(ExecutionStatus.class) : filter.statuses();
    return wanted.stream().map(Enum::name).toArray(String[]::new);
  }

  private static UUID before(ExecutionFilter filter, PageRequest request) {
    UUID bound = request.bound();
    @Nullable UUID to = filter.to() == null ? null : Ids.firstAt(filter.to());
    return to == null ? bound : lesser(bound, to);
  }

  /** The lesser one in the database's order, which is not Java's. */
  static UUID lesser(UUID one, UUID other) {
    int most = Long.compareUnsigned(one.getMostSignificantBits(), other.getMostSignificantBits());
    int least =
        Long.compareUnsigned(one.getLeastSignificantBits(), other.getLeastSignificantBits());
    return most < 0 || most == 0 && least < 0 ? one : other;
  }

  /** Gives {@code id}s in the order of a page. */
  String sql() {
    return sql;
  }

  /** What is bound to {@link #sql()}. */
  List<Object> parameters() {
    return parameters;
  }

  /** What no index knows: conditions on a candidate's own row, each with {@code and}. */
  String conditions() {
    return conditions.toString();
  }

  /** What is bound to {@link #conditions()}. */
  List<Object> conditionParameters() {
    return conditionParameters;
  }

  /** Whether only so many are looked at, since not all of them are wanted. */
  boolean bounded() {
    return !conditionParameters.isEmpty();
  }
}
