package io.stepwell.workspace;

import static io.stepwell.TestWorkspace.ADMIN_KEY;
import static io.stepwell.TestWorkspace.as;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.stepwell.TestDatabase;
import io.stepwell.TestWorkspace;
import jakarta.inject.Inject;
import jakarta.inject.Named;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What the role of requests sees in the database: the rows of the workspace of its transaction. All
 * requests share one connection here, so whatever one leaves behind the next one meets.
 */
@QuarkusTest
@TestProfile(SecondWallTest.OneConnection.class)
class SecondWallTest {
  private static final String NOT_ALLOWED = "42501";

  @Inject DataSource requests;

  @Inject
  @Named("engine")
  DataSource engine;

  @Inject
  @Named("instance")
  DataSource instance;

  private TestWorkspace own;
  private TestWorkspace other;

  /** With it. */
  public static final class OneConnection implements QuarkusTestProfile {
    @Override
    public Map<String, String> getConfigOverrides() {
      return Map.of(
          "quarkus.datasource.jdbc.min-size", "1", "quarkus.datasource.jdbc.max-size", "1");
    }
  }

  @BeforeAll
  static void onlyWithTwoRoles() {
    assumeTrue(TestDatabase.apiUsername().isPresent(), "requests have no role of their own");
  }

  @BeforeEach
  void createWorkspaces() {
    own = TestWorkspace.create();
    other = TestWorkspace.create();
  }

  @Test
  void a_query_that_forgets_its_workspace_gets_nothing() throws SQLException {
    assertThat(Forgetful.workspacesSeen(requests)).isEmpty();
    assertThat(Forgetful.query(requests)).isEmpty();
  }

  @Test
  void a_query_outside_of_a_transaction_gets_nothing_even_in_a_workspace() {
    assertThat(in(own, () -> Forgetful.query(requests))).isEmpty();
  }

  @Test
  void a_query_that_forgets_to_compare_gets_the_rows_of_its_own_workspace() {
    assertThat(in(own, () -> Forgetful.workspacesSeen(requests))).containsExactly(own.id());
  }

  @Test
  void a_query_that_names_another_workspace_gets_nothing() {
    assertThat(entriesOf(own.id(), own)).isPositive();
    assertThat(entriesOf(other.id(), own)).isZero();
    assertThat(entriesOf(other.id(), null)).isZero();
  }

  @Test
  void another_workspace_is_neither_changed_nor_emptied() {
    UUID id = other.id();
    assertThat(update(own, "update workspace set name = 'taken' where id = ?", id)).isZero();
    assertThat(update(own, "delete from audit_entry where workspace_id = ?", id)).isZero();
    assertThat(entriesOf(id, other)).isPositive();
  }

  @Test
  void a_row_for_another_workspace_is_refused() {
    String insert =
        """
        insert into audit_entry (id, workspace_id, actor, verb, subject, at)
        values (gen_random_uuid(), ?, 'test', 'test', 'test', now())
        """;
    assertThat(update(own, insert, own.id())).isOne();
    assertRefused(() -> update(own, insert, other.id()));
    assertRefused(() -> update(null, insert, own.id()));
    assertRefused(() ->
        update(
            own,
            "update audit_entry set workspace_id = '%s' where workspace_id = ?"
                .formatted(other.id()),
            own.id()));
  }

  @Test
  void two_workspaces_take_turns_on_one_connection_and_leave_nothing_behind() {
    for (int turn = 0; turn < 3; turn++) {
      assertThat(seenByRequest(own, "")).containsExactly(own.id().toString());
      assertThat(seenByRequest(other, "")).containsExactly(other.id().toString());
      assertThat(Forgetful.workspacesSeen(requests)).isEmpty();
    }
    assertThat(QuarkusTransaction.requiringNew().call(this::session))
        .isEqualTo(in(own, () -> QuarkusTransaction.requiringNew().call(this::session)));
  }

  @Test
  void a_request_stays_in_its_own_workspace_whatever_its_code_says() {
    assertThat(seenByRequest(own, "?beside=" + other.id())).containsExactly(own.id().toString());
  }

  @Test
  void the_engine_and_the_instance_see_all() throws SQLException {
    assertThat(Forgetful.query(engine)).contains(own.id(), other.id());
    assertThat(Forgetful.query(instance)).contains(own.id(), other.id());
  }

  @Test
  void what_was_set_for_the_owner_is_set_for_the_role_of_requests() {
    assertThat(in(own, () -> QuarkusTransaction.requiringNew().call(this::settings)))
        .isEqualTo("10s off force_custom_plan");
  }

  @Test
  void a_slug_that_nobody_here_may_see_is_taken_all_the_same() {
    as(ADMIN_KEY)
        .body(Map.of("slug", other.slug(), "name", "again"))
        .post("/api/workspaces")
        .then()
        .statusCode(409);
  }

  private static Set<String> seenByRequest(TestWorkspace workspace, String query) {
    return Set.copyOf(
        as(workspace.key("viewer"))
            .get(workspace.path("/probe/forgetful" + query))
            .then()
            .statusCode(200)
            .extract()
            .jsonPath()
            .getList("", String.class));
  }

  private long entriesOf(UUID workspaceId, @Nullable TestWorkspace workspace) {
    return in(
        workspace,
        () ->
            QuarkusTransaction.requiringNew()
                .call(() -> {
                  try (Connection connection = requests.getConnection();
                      PreparedStatement statement =
                          connection.prepareStatement(
                              "select count(*) from audit_entry where workspace_id = ?")) {
                    statement.setObject(1, workspaceId);
                    try (ResultSet row = statement.executeQuery()) {
                      row.next();
                      return row.getLong(1);
                    }
                  }
                }));
  }

  private int update(@Nullable TestWorkspace workspace, String sql, UUID parameter) {
    return in(
        workspace,
        () ->
            QuarkusTransaction.requiringNew()
                .call(() -> {
                  try (Connection connection = requests.getConnection();
                      PreparedStatement statement = connection.prepareStatement(sql)) {
                    statement.setObject(1, parameter);
                    return statement.executeUpdate();
                  }
                }));
  }

  private static void assertRefused(Runnable write) {
    assertThatThrownBy(write::run)
        .rootCause()
        .isInstanceOfSatisfying(
            SQLException.class,
            refused -> assertThat(refused.getSQLState()).isEqualTo(NOT_ALLOWED));
  }

  private String session() throws SQLException {
    return text("select pg_backend_pid() || ' ' || current_user");
  }

  private String settings() throws SQLException {
    return text(
        """
        select concat_ws(' ', current_setting('idle_in_transaction_session_timeout'),
          current_setting('enable_seqscan'), current_setting('plan_cache_mode'))
        """);
  }

  private String text(String sql) throws SQLException {
    try (Connection connection = requests.getConnection();
        PreparedStatement statement = connection.prepareStatement(sql);
        ResultSet row = statement.executeQuery()) {
      row.next();
      return row.getString(1);
    }
  }

  private static <T> T in(@Nullable TestWorkspace workspace, Callable<T> work) {
    if (workspace == null) {
      return call(work);
    }
    return WorkspaceScope.call(workspace.id(), () -> call(work));
  }

  private static <T> T call(Callable<T> work) {
    try {
      return work.call();
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) { // of JDBC
      throw new IllegalStateException(e);
    }
  }
}
