package io.stepwell.tables;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.stepwell.TestDatabase;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** Holds that every table of workspaces is behind the second wall, and every other out of reach. */
class RowSecurityTest {
  private static final String POLICY =
      "of_workspace * PERMISSIVE public (%s ="
          + " (NULLIF(current_setting('stepwell.workspace'::text, true), ''::text))::uuid) as using";

  private static final TestDatabase database = TestDatabase.migrated();

  @AfterAll
  static void drop() {
    database.close();
  }

  @Test
  void every_table_of_a_workspace_shows_the_rows_of_one() throws SQLException {
    List<String> tables =
        rows(
            """
            select c.relname
            from pg_class c
            join pg_attribute a on a.attrelid = c.oid
            where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
              and (a.attname = 'workspace_id' or c.relname = 'workspace' and a.attname = 'id')
            """);

    assertThat(tables).hasSizeGreaterThan(14);
    assertThat(
            rows(
                """
                select relname from pg_class
                where relnamespace = 'public'::regnamespace and relrowsecurity
                """))
        .containsExactlyInAnyOrderElementsOf(tables);
    for (String table : tables) {
      assertThat(policies(table))
          .as(table)
          .containsExactly(POLICY.formatted(table.equals("workspace") ? "id" : "workspace_id"));
    }
  }

  /** Two permissive policies would show what either of them shows. */
  private static List<String> policies(String table) throws SQLException {
    return rows(
        """
        select concat_ws(' ', policyname, case cmd when 'ALL' then '*' else cmd end, permissive,
          array_to_string(roles, ','), qual, 'as', coalesce(with_check, 'using'))
        from pg_policies
        where schemaname = 'public' and tablename = '%s'
        """
            .formatted(table));
  }

  @Test
  void the_owner_is_not_held() throws SQLException {
    assertThat(rows("select relname from pg_class where relforcerowsecurity")).isEmpty();
  }

  @Test
  void the_role_of_requests_reaches_these_tables_and_no_others() throws SQLException {
    assumeTrue(TestDatabase.apiUsername().isPresent(), "requests have no role of their own");
    String role = TestDatabase.apiUsername().get();
    Set<String> reached =
        Set.copyOf(
            rows(
                """
                select relname from pg_class
                where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'S', 'v', 'm')
                  and relrowsecurity
                """));

    assertThat(
            rows(
                """
                select c.relname
                from pg_class c
                cross join lateral aclexplode(c.relacl) a
                where c.relnamespace = 'public'::regnamespace and a.grantee = '%s'::regrole
                """
                    .formatted(role)))
        .hasSize(4 * reached.size())
        .allMatch(reached::contains);
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
