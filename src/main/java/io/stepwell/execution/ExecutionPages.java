package io.stepwell.execution;

import io.quarkus.narayana.jta.QuarkusTransaction;
import io.stepwell.http.AnswerMemory;
import io.stepwell.kernel.Failure;
import io.stepwell.kernel.Page;
import io.stepwell.kernel.PageRequest;
import io.stepwell.workflow.Workflows;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Reads pages of executions, newest first. Whatever it is filtered by, a page costs about what it
 * shows, however long the history is.
 */
@ApplicationScoped
class ExecutionPages {
  static final String LIST = "executions";

  // one by one: a join might read the workspace from its end
  private static final String SHOW =
      """
      select e.*
      from (%s) p
      cross join lateral (
        select %s
        from execution
        where workspace_id = ? and id = p.id%s
        limit 1) e
      order by p.id desc
      limit ?
      """;

  // there is one where as many are looked at as may be: more may follow
  private static final String LAST_LOOKED_AT =
      """
      select p.id
      from (%s) p
      order by p.id desc
      offset ?
      """;

  private final Workflows workflows;
  private final StepRows steps;
  private final DataSource database;
  private final InstantSource time;
  private final AnswerMemory memory;

  ExecutionPages(
      Workflows workflows,
      StepRows steps,
      DataSource database,
      InstantSource time,
      AnswerMemory memory) {
    this.memory = memory;
    this.workflows = workflows;
    this.steps = steps;
    this.database = database;
    this.time = time;
  }

  /**
   * A page of executions without steps and trigger data. With a label and another filter it may
   * have fewer than were asked for although more follow.
   *
   * <p>Its rows are small, so they are weighed once they are read: no more of them are being read
   * than there are connections.
   *
   * @throws Failure LIMITED {@code overloaded} when there is no memory for it
   */
  Page<ExecutionView> list(ExecutionFilter filter, PageRequest request) {
    Candidates candidates = new Candidates(filter, request);
    List<Object> parameters = new ArrayList<>(candidates.parameters());
    parameters.add(filter.workspaceId());
    parameters.addAll(candidates.conditionParameters());
    parameters.add(request.fetch());
    Page<ExecutionRow> page =
        QuarkusTransaction.joiningExisting().call(() -> page(candidates, parameters, request));
    memory.take(filter.workspaceId(), page.items().stream().mapToLong(ExecutionRow::weight).sum());
    return views(filter.workspaceId(), page);
  }

  private Page<ExecutionRow> page(
      Candidates candidates, List<Object> parameters, PageRequest request) {
    Page<ExecutionRow> page =
        Page.of(
            read(sql(candidates), parameters, ExecutionRow::of), request, LIST, ExecutionRow::id);
    return page.nextCursor() == null && candidates.bounded()
        ? Page.upTo(lastLookedAt(candidates, page.items()), page.items(), request, LIST)
        : page;
  }

  static String sql(Candidates candidates) {
    return SHOW.formatted(candidates.sql(), ExecutionRow.COLUMNS, candidates.conditions());
  }

  private @Nullable UUID lastLookedAt(Candidates candidates, List<ExecutionRow> shown) {
    List<Object> parameters = new ArrayList<>(candidates.parameters());
    parameters.add(Candidates.MOST - 1);
    List<UUID> last =
        read(
            LAST_LOOKED_AT.formatted(candidates.sql()),
            parameters,
            row -> row.getObject(1, UUID.class));
    if (last.isEmpty() || shown.isEmpty()) {
      return last.isEmpty() ? null : last.getFirst();
    }
    // race: what was accepted since the page was read may have moved the last one up
    return Candidates.lesser(last.getFirst(), shown.getLast().id());
  }

  /** Reads a row. */
  private interface Reading<T> {
    T of(ResultSet row) throws SQLException;
  }

  private <T> List<T> read(String sql, List<Object> parameters, Reading<T> reading) {
    try (Connection connection = database.getConnection();
        PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < parameters.size(); i++) {
        statement.setObject(i + 1, parameters.get(i));
      }
      List<T> rows = new ArrayList<>();
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          rows.add(reading.of(row));
        }
      }
      return rows;
    } catch (SQLException e) {
      throw new IllegalStateException("executions cannot be listed", e);
    }
  }

  private Page<ExecutionView> views(UUID workspaceId, Page<ExecutionRow> page) {
    Map<UUID, Map<StepStatus, Integer>> live =
        steps.count(
            workspaceId,
            page.items().stream()
                .filter(row -> !row.status().isTerminal())
                .map(ExecutionRow::id)
                .toList());
    return page.map(row ->
        row.view(
            workflows.version(row.workspaceId(), row.workflowId(), row.workflowVersion()).key(),
            row.progress(live.getOrDefault(row.id(), Map.of())),
            time.instant()));
  }
}
