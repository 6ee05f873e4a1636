package io.stepwell.inbox;

import static io.stepwell.TestWorkspace.as;

import io.restassured.response.ValidatableResponse;
import io.stepwell.TestWorkspace;
import io.stepwell.action.Effect;
import io.stepwell.action.EffectStore;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** A workspace whose one execution is over, and the rows that its steps left. */
final class StoredInbox {
  private static final List<String> ROWS =
      List.of(
          """
          insert into workflow (id, workspace_id, key, version, name, enabled, created_at, updated_at)
          values (?, ?, 'stored', 1, 'Stored', true, now(), now())
          """,
          """
          insert into workflow_version (workflow_id, workspace_id, version, definition, created_at,
            created_by)
          values (?, ?, 1, '{}', now(), 'test')
          """,
          """
          insert into execution (id, workflow_id, workspace_id, workflow_version, status,
            trigger_data, user_id, created_at, finished_at, total_steps)
          values (gen_random_uuid(), ?, ?, 1, 'COMPLETED', '{}', 'test', now(), now(), 1)
          returning id
          """);

  final TestWorkspace workspace;
  final UUID executionId;
  private final DataSource database;
  private final EffectStore store;
  private long ids;

  private StoredInbox(
      TestWorkspace workspace, UUID executionId, DataSource database, EffectStore store) {
    this.workspace = workspace;
    this.executionId = executionId;
    this.database = database;
    this.store = store;
  }

  static StoredInbox create(DataSource database, EffectStore store) throws SQLException {
    TestWorkspace workspace = TestWorkspace.create();
    UUID workflowId = UUID.randomUUID();
    UUID executionId = workflowId;
    try (Connection connection = database.getConnection()) {
      for (String row : ROWS) {
        try (PreparedStatement statement = connection.prepareStatement(row)) {
          statement.setObject(1, workflowId);
          statement.setObject(2, workspace.id());
          if (statement.execute()) {
            statement.getResultSet().next();
            executionId = statement.getResultSet().getObject(1, UUID.class);
          }
        }
      }
    }
    return new StoredInbox(workspace, executionId, database, store);
  }

  /** An id greater than those before. */
  private UUID nextId() {
    return new UUID(executionId.getMostSignificantBits() & 0x7FFF_FFFF_FFFF_FFFFL, ++ids);
  }

  UUID task(String title, @Nullable String assignedTo) throws SQLException {
    UUID id = nextId();
    write(new Effect.CreateTask(id, title, null, "MEDIUM", assignedTo, null, false));
    return id;
  }

  UUID notification(String recipient) throws SQLException {
    UUID id = nextId();
    Instant delivered = Instant.parse("2026-11-22T19:44:15.123456Z");
    write(new Effect.CreateNotification(id, "inbox", recipient, "Hi", "Hello", null, delivered));
    return id;
  }

  void write(Effect... effects) throws SQLException {
    try (Connection connection = database.getConnection()) {
      store.write(connection, Stream.of(effects).map(this::entry).toList());
    }
  }

  EffectStore.Entry entry(Effect effect) {
    return new EffectStore.Entry(workspace.id(), executionId, "1.then.0", effect);
  }

  ValidatableResponse get(String path) {
    return as(workspace.key("viewer")).get(workspace.path(path)).then();
  }

  ValidatableResponse patch(UUID task, String body) {
    return as(workspace.key("operator")).body(body).patch(workspace.path("/tasks/" + task)).then();
  }

  ValidatableResponse read(UUID notification) {
    return as(workspace.key("operator"))
        .post(workspace.path("/notifications/" + notification + "/read"))
        .then();
  }

  /** Makes a column of every row large, by a statement that takes the workspace. */
  void change(String sql) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setObject(1, workspace.id());
      statement.executeUpdate();
    }
  }

  /** The ids of every page of a list, page by page. */
  List<List<String>> pages(String list, String query) {
    List<List<String>> pages = new ArrayList<>();
    @Nullable String cursor = null;
    do {
      ValidatableResponse page =
          get("/" + list + query + (cursor == null ? "" : "&cursor=" + cursor)).statusCode(200);
      pages.add(page.extract().jsonPath().getList(list + ".id"));
      cursor = page.extract().path("pagination.nextCursor");
    } while (cursor != null);
    return pages;
  }

  List<String> ids(String list, String query) {
    return get("/" + list + query).statusCode(200).extract().jsonPath().getList(list + ".id");
  }
}
