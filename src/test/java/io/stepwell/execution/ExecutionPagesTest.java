package io.stepwell.execution;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.stepwell.TestDatabase;
import io.stepwell.kernel.Json;
import io.stepwell.kernel.PageRequest;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * What a page reads, counted by the database in blocks of 8 KiB, on a history of which it would
 * else read all. Plans are those that the service has: made once, without knowing the values.
 */
class ExecutionPagesTest {
  private static final int HISTORY = 30_000;
  private static final int LIMIT = 20;
  // a few blocks of an index for each status, and a row's own with its key for each of a page
  private static final int BLOCKS_OF_A_PAGE = 5 * 6 + (LIMIT + 1) * 4;

  private static final UUID WORKSPACE = new UUID(1, 1);
  private static final UUID BUSY = new UUID(2, 1);
  private static final UUID SMALL = new UUID(2, 2);

  // the oldest are what rare filters look for: RUNNING, of a workflow and a user that have no more
  private static final String SEED =
      """
      insert into execution
        (id, workspace_id, workflow_id, workflow_version, status, trigger_data, labels, user_id,
        created_at, started_at, finished_at, total_steps)
      select
        (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '7000'
          || '8' || lpad(to_hex(n), 15, '0'))::uuid,
        '%1$s', case when old then '%3$s' else '%2$s' end::uuid, 1,
        case when old then 'RUNNING' when n %% 10 = 0 then 'FAILED' else 'COMPLETED' end, '{}',
        jsonb_build_object('env', 'prod', 'age', case when old then 'old' else 'new' end),
        case when old then 'rare' else 'common' end, at, at, case when not old then at end, 3
      from generate_series(1, %4$d) n
      cross join lateral (select n <= 15, now() - interval '30 days' * (1 - n / %4$d.0)) a (old, at)
      """
          .formatted(WORKSPACE, BUSY, SMALL, HISTORY);

  private static final String LABEL =
      """
      insert into execution_label (workspace_id, label, execution_id, workflow_id)
      select e.workspace_id, l.key || ':' || l.value, e.id, e.workflow_id
      from execution e
      cross join lateral jsonb_each_text(e.labels) l
      """;

  private static TestDatabase database;
  private static Connection connection;

  @BeforeAll
  static void seed() throws SQLException {
    database = TestDatabase.migrated();
    connection = database.dataSource().getConnection();
    execute(
        "insert into workspace (id, slug, name, created_at, updated_at)"
            + " values ('"
            + WORKSPACE
            + "', 'own', 'own', now(), now())");
    for (UUID workflow : List.of(BUSY, SMALL)) {
      execute(
          "insert into workflow (id, workspace_id, key, version, name, enabled, created_at,"
              + " updated_at) values ('%1$s', '%2$s', 'k%1$s', 1, 'k', true, now(), now())"
                  .formatted(workflow, WORKSPACE));
      execute(
          "insert into workflow_version (workflow_id, version, workspace_id, definition,"
              + " created_at, created_by) values ('%s', 1, '%s', '{}', now(), 'test')"
                  .formatted(workflow, WORKSPACE));
    }
    execute(SEED);
    execute(LABEL);
    execute("vacuum (analyze) execution, execution_label");
    execute("set enable_seqscan = off");
    execute("set jit = off");
    execute("set plan_cache_mode = force_generic_plan");
    if (TestDatabase.apiUsername().isPresent()) {
      // as requests read them
      execute("set role " + TestDatabase.apiUsername().get());
      execute("set stepwell.workspace = '" + WORKSPACE + "'");
    }
  }

  @AfterAll
  static void dropDatabase() throws SQLException {
    connection.close();
    database.close();
  }

  private static void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** What the database says of a page: how many rows it has and how many blocks were read. */
  private record Cost(int rows, int blocks) {}

  private static Cost cost(ExecutionFilter filter) throws SQLException {
    PageRequest request = new PageRequest(LIMIT, null);
    Candidates candidates = new Candidates(filter, request);
    List<Object> parameters = new ArrayList<>(candidates.parameters());
    parameters.add(filter.workspaceId());
    parameters.addAll(candidates.conditionParameters());
    parameters.add(request.fetch());
    execute("prepare page as " + numbered(ExecutionPages.sql(candidates)));
    String values =
        String.join(", ", parameters.stream().map(ExecutionPagesTest::literal).toList());
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "explain (analyze, buffers, format json) execute page (" + values + ")")) {
      row.next();
      JsonNode plan = Json.read(row.getString(1)).get(0).path("Plan");
      return new Cost(
          plan.path("Actual Rows").intValue(),
          plan.path("Shared Hit Blocks").intValue() + plan.path("Shared Read Blocks").intValue());
    } finally {
      execute("deallocate page");
    }
  }

  private static String numbered(String sql) {
    Matcher mark = Pattern.compile("\\?").matcher(sql);
    StringBuilder numbered = new StringBuilder();
    for (int n = 1; mark.find(); n++) {
      mark.appendReplacement(numbered, "\\$" + n);
    }
    return mark.appendTail(numbered).toString();
  }

  private static String literal(Object value) {
    return switch (value) {
      case Integer number -> number.toString();
      case String[] texts -> "'{" + String.join(",", texts) + "}'";
      default -> "'" + value + "'";
    };
  }

  /** A filter by all but the label, which is written key:value. */
  private static ExecutionFilter filter(
      @Nullable UUID workflow,
      Set<ExecutionStatus> statuses,
      boolean ranged,
      @Nullable String user,
      @Nullable String label) {
    Instant now = Instant.now();
    return new ExecutionFilter(
        WORKSPACE,
        workflow,
        statuses,
        ranged ? now.minus(Duration.ofDays(20)) : null,
        ranged ? now.minus(Duration.ofDays(10)) : null,
        user,
        label == null ? null : label.substring(0, label.indexOf(':')),
        label == null ? null : label.substring(label.indexOf(':') + 1));
  }

  private static List<@Nullable UUID> scopes() {
    List<@Nullable UUID> scopes = new ArrayList<>();
    scopes.add(null);
    scopes.add(BUSY);
    scopes.add(SMALL);
    return scopes;
  }

  private static List<@Nullable String> orNone(String... values) {
    List<@Nullable String> all = new ArrayList<>(List.of(values));
    all.add(null);
    return all;
  }

  @Test
  void every_filter_by_status_and_user_costs_a_page_and_not_the_history() throws SQLException {
    int full = 0;
    for (UUID workflow : scopes()) {
      for (Set<ExecutionStatus> statuses :
          List.of(
              EnumSet.noneOf(ExecutionStatus.class),
              EnumSet.of(ExecutionStatus.FAILED),
              EnumSet.of(ExecutionStatus.CANCELLED),
              EnumSet.of(ExecutionStatus.RUNNING, ExecutionStatus.PENDING))) {
        for (String user : orNone("common", "rare", "nobody")) {
          for (boolean ranged : new boolean[] {false, true}) {
            ExecutionFilter filter = filter(workflow, statuses, ranged, user, null);
            Cost cost = cost(filter);
            assertThat(cost.blocks()).as("blocks for %s", filter).isLessThan(BLOCKS_OF_A_PAGE);
            full += cost.rows() == LIMIT + 1 ? 1 : 0;
          }
        }
      }
    }
    assertThat(full).as("how many of the pages were full").isGreaterThan(15);
  }

  @Test
  void every_label_costs_a_page_and_not_the_history() throws SQLException {
    for (UUID workflow : scopes()) {
      for (String label : List.of("env:prod", "age:old", "age:none")) {
        for (boolean ranged : new boolean[] {false, true}) {
          ExecutionFilter filter =
              filter(workflow, EnumSet.noneOf(ExecutionStatus.class), ranged, null, label);
          assertThat(cost(filter).blocks())
              .as("blocks for %s", filter)
              .isLessThan(BLOCKS_OF_A_PAGE);
        }
      }
    }
    assertThat(cost(filter(null, Set.of(), false, null, "env:prod")).rows()).isEqualTo(LIMIT + 1);
    assertThat(cost(filter(null, Set.of(), false, null, "age:old")).rows()).isEqualTo(15);
  }

  @Test
  void a_label_with_another_filter_looks_at_so_many_and_not_at_the_history() throws SQLException {
    for (ExecutionFilter filter :
        List.of(
            filter(null, EnumSet.of(ExecutionStatus.RUNNING), false, null, "env:prod"),
            filter(BUSY, EnumSet.of(ExecutionStatus.CANCELLED), false, null, "env:prod"),
            filter(null, Set.of(), false, "rare", "env:prod"))) {
      Cost cost = cost(filter);
      assertThat(cost.rows()).isZero();
      assertThat(cost.blocks()).as("blocks for %s", filter).isLessThan(Candidates.MOST * 4 + 100);
    }
  }

  @Test
  void a_plan_that_was_made_while_the_tables_were_empty_is_as_good() throws SQLException {
    try (TestDatabase empty = TestDatabase.migrated();
        Connection fresh = empty.dataSource().getConnection();
        Statement statement = fresh.createStatement()) {
      statement.execute("set enable_seqscan = off");
      for (ExecutionFilter filter :
          List.of(
              filter(null, EnumSet.of(ExecutionStatus.FAILED), true, null, null),
              filter(BUSY, Set.of(), true, "rare", null),
              filter(null, Set.of(), true, "rare", null),
              filter(BUSY, Set.of(), true, null, null),
              filter(BUSY, Set.of(), true, null, "env:prod"))) {
        Candidates candidates = new Candidates(filter, new PageRequest(LIMIT, null));
        statement.execute("set plan_cache_mode = force_generic_plan");
        statement.execute("prepare page as " + numbered(candidates.sql()));
        String values =
            String.join(
                ", ", candidates.parameters().stream().map(ExecutionPagesTest::literal).toList());
        StringBuilder plan = new StringBuilder();
        try (ResultSet line = statement.executeQuery("explain execute page (" + values + ")")) {
          while (line.next()) {
            plan.append(line.getString(1)).append('\n');
          }
        }
        statement.execute("deallocate page");
        assertThat(plan.toString())
            .contains(
                filter.labelKey() != null
                    ? "execution_label_by_workflow"
                    : filter.userId() != null && filter.workflowId() != null
                        ? "execution_by_workflow_and_user"
                        : filter.userId() != null
                            ? "execution_by_user"
                            : filter.workflowId() != null
                                ? "execution_by_workflow"
                                : "execution_by_status");
      }
    }
  }
}
