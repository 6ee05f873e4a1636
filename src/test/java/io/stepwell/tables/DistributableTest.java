package io.stepwell.tables;

import static org.assertj.core.api.Assertions.assertThat;

import io.stepwell.TestDatabase;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/**
 * Holds that the tables can be distributed by workspace, and a workspace be moved as a unit: no key
 * and no statement needs two workspaces, but for those that are named here.
 */
class DistributableTest {
  private static final Pattern SQL =
      Pattern.compile("^\\s*\\(?(select|insert|update|delete|with)\\b.*", Pattern.DOTALL);

  private static final Path MAIN = Path.of("src", "main", "java");

  /** What is known by less than a workspace: the workspaces, and what leads to one. */
  private static final Set<String> OTHER_TABLES =
      Set.of("workspace", "duty", "schema_requirement", "flyway_schema_history");

  private static final Set<String> OTHER_KEYS = Set.of("api_key_hash_key", "stream_ticket_pkey");

  /** Queries of workspaces themselves. */
  private static final Set<String> OF_WORKSPACES =
      Set.of("WorkspaceEntity.byId", "Workspaces.delete");

  /** Finding, claiming and counting what is due, over all workspaces. */
  private static final Set<String> OVER_ALL_WORKSPACES =
      Set.of(
          "ClaimQueue.LOOK",
          "ClaimQueue.LOOK_BY_WORKSPACE",
          "QueueSample.DUE",
          "DueExecutions.NEXT_DUE",
          // housekeeping
          "ExecutionCounts.ADD_UP",
          "StreamTickets.DELETE_EXPIRED",
          // the inner query of these names the workspace, and the outer one takes its rows
          "KeysAndAuditRetention.DELETE_KEYS",
          "KeysAndAuditRetention.DELETE_AUDIT",
          "WorkflowRetention.DELETE_VERSIONS",
          "WorkflowRetention.DELETE_WORKFLOWS",
          "StatisticsRetention.DELETE_COUNTS",
          "StatisticsRetention.DELETE_HOURS",
          "StatisticsRetention.DELETE_ALL",
          // what says which workspace it is
          "Authenticator.BY_HASH",
          "StreamTickets.USE");

  private static final TestDatabase database = TestDatabase.migrated();

  @AfterAll
  static void drop() {
    database.close();
  }

  @Test
  void every_table_has_a_primary_key() throws SQLException {
    assertThat(
            rows(
                """
                select c.relname
                from pg_class c
                where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
                  and not exists (select 1 from pg_index i where i.indrelid = c.oid and i.indisprimary)
                """))
        .isEmpty();
  }

  @Test
  void every_key_begins_with_the_workspace() throws SQLException {
    List<String> keys =
        rows(
            """
            select c.relname || ' ' || x.relname || ' ' || a.attname
            from pg_index i
            join pg_class c on c.oid = i.indrelid
            join pg_class x on x.oid = i.indexrelid
            join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
            where c.relnamespace = 'public'::regnamespace and i.indisunique
            """);

    assertThat(keys).hasSizeGreaterThan(10);
    assertThat(keys)
        .filteredOn(key -> !OTHER_TABLES.contains(key.split(" ", -1)[0]))
        .filteredOn(key -> !OTHER_KEYS.contains(key.split(" ", -1)[1]))
        .allSatisfy(key -> assertThat(key).endsWith(" workspace_id"));
  }

  @Test
  void every_reference_stays_within_a_workspace() throws SQLException {
    List<String> references =
        rows(
            """
            select k.conrelid::regclass || ' ' || k.confrelid::regclass || ' ' || a.attname || ' '
              || b.attname
            from pg_constraint k
            join pg_attribute a on a.attrelid = k.conrelid and a.attnum = k.conkey[1]
            join pg_attribute b on b.attrelid = k.confrelid and b.attnum = k.confkey[1]
            where k.contype = 'f' and k.connamespace = 'public'::regnamespace
            """);

    assertThat(references).hasSizeGreaterThan(3);
    assertThat(references)
        .allSatisfy(reference -> {
          String to = reference.split(" ", -1)[1];
          assertThat(reference)
              .endsWith(to.equals("workspace") ? " workspace_id id" : " workspace_id workspace_id");
        });
  }

  @Test
  void every_table_but_those_of_all_workspaces_has_the_workspace() throws SQLException {
    assertThat(tenantTables()).hasSizeGreaterThan(10);
    assertThat(rows("select tablename from pg_tables where schemaname = 'public'"))
        .filteredOn(table -> !OTHER_TABLES.contains(table))
        .containsExactlyInAnyOrderElementsOf(tenantTables());
  }

  @Test
  void every_statement_compares_the_workspace_of_every_table() throws Exception {
    Set<String> tables = tenantTables();
    List<String> problems = new ArrayList<>();
    Set<String> exempt = new TreeSet<>();
    int statements = 0;
    for (SourceTexts.Text text : statements()) {
      List<String> missing = Statements.withoutWorkspace(text.value(), tables);
      statements++;
      if (missing.isEmpty()) {
        continue;
      }
      if (OVER_ALL_WORKSPACES.contains(text.place())) {
        exempt.add(text.place());
      } else {
        problems.add(text.place() + ": " + missing);
      }
    }

    assertThat(problems).isEmpty();
    assertThat(exempt)
        .as("an exception that is none any more")
        .containsExactlyInAnyOrderElementsOf(OVER_ALL_WORKSPACES);
    assertThat(statements).isGreaterThan(40);
  }

  @Test
  void every_query_of_an_entity_compares_its_workspace() throws Exception {
    List<SourceTexts.Text> queries =
        SourceTexts.below(MAIN).stream()
            .filter(SourceTexts.Text::query)
            .filter(text -> !SQL.matcher(text.value()).matches())
            .filter(text -> text.value().contains("?") || text.value().contains(":"))
            .filter(text ->
                !OF_WORKSPACES.contains(text.place()) || text.value().contains("workspaceId"))
            .toList();

    assertThat(queries).hasSizeGreaterThan(10);
    assertThat(queries)
        .allSatisfy(query ->
            assertThat(query.value()).as(query.place()).containsPattern("workspaceId = [?:]"));
  }

  @Test
  void no_update_depends_on_what_another_node_would_see_otherwise() throws Exception {
    assertThat(
            statements().stream()
                .flatMap(text ->
                    Statements.unevenUpdates(text.value()).stream()
                        .map(problem -> text.place() + ": " + problem)))
        .isEmpty();
  }

  @Test
  void every_conflict_is_one_of_a_workspace() throws Exception {
    Pattern target = Pattern.compile("on conflict \\((?!workspace_id\\b)");

    assertThat(statements())
        .filteredOn(text -> !text.value().startsWith("insert into duty"))
        .noneMatch(text -> target.matcher(text.value()).find());
  }

  @Test
  void no_statement_selects_nothing() throws Exception {
    Pattern nothing = Pattern.compile("\\bselect\\s+from\\b");

    assertThat(statements()).noneMatch(text -> nothing.matcher(text.value()).find());
  }

  private static List<SourceTexts.Text> statements() throws IOException {
    return SourceTexts.below(MAIN).stream()
        .filter(text -> SQL.matcher(text.value()).matches())
        // looked at where it is filled
        .filter(text -> !text.value().contains("where %s"))
        .toList();
  }

  private static Set<String> tenantTables() throws SQLException {
    return new TreeSet<>(
        rows(
            """
            select c.relname
            from pg_class c
            join pg_attribute a on a.attrelid = c.oid
            where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
              and a.attname = 'workspace_id' and a.attnotnull
            """));
  }

  private static List<String> rows(String sql) throws SQLException {
    List<String> rows = new ArrayList<>();
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      while (result.next()) {
        rows.add(result.getString(1));
      }
    }
    return rows;
  }
}
