package io.stepwell.inbox;

import io.stepwell.action.Effect;
import io.stepwell.action.Effect.CreateNotification;
import io.stepwell.action.Effect.CreateTask;
import io.stepwell.action.EffectStore;
import io.stepwell.kernel.UnnestColumns;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Inserts notifications and tasks, one statement for all of a kind. Writing the same again changes
 * nothing: whoever does not know whether a commit arrived may repeat it.
 */
@ApplicationScoped
class EffectRows implements EffectStore {
  private static final String INSERT_NOTIFICATIONS =
      """
      insert into notification
        (id, workspace_id, execution_id, step_path, channel, recipient, subject, message, url,
        created_at, delivered_at)
      select r.id, r.workspace_id, r.execution_id, r.step_path, r.channel, r.recipient, r.subject,
        r.message, r.url, now(), r.delivered_at
      from unnest(?::uuid[], ?::uuid[], ?::uuid[], ?::text[], ?::text[], ?::text[], ?::text[],
          ?::text[], ?::text[], ?::timestamptz[])
        r (id, workspace_id, execution_id, step_path, channel, recipient, subject, message, url,
          delivered_at)
      on conflict (workspace_id, id) do nothing
      """;

  private static final String INSERT_TASKS =
      """
      insert into task
        (id, workspace_id, execution_id, step_path, title, description, priority, assigned_to,
        due_at, status, wait_for_completion, created_at, updated_at)
      select r.id, r.workspace_id, r.execution_id, r.step_path, r.title, r.description, r.priority,
        r.assigned_to, r.due_at, 'OPEN', r.wait_for_completion, now(), now()
      from unnest(?::uuid[], ?::uuid[], ?::uuid[], ?::text[], ?::text[], ?::text[], ?::text[],
          ?::text[], ?::timestamptz[], ?::bool[])
        r (id, workspace_id, execution_id, step_path, title, description, priority, assigned_to,
          due_at, wait_for_completion)
      on conflict (workspace_id, id) do nothing
      """;

  /** An effect of one kind, and the step that it belongs to. */
  private record Row<E extends Effect>(Entry entry, E effect) {}

  @Override
  public void write(Connection connection, List<Entry> entries) throws SQLException {
    List<Row<CreateNotification>> notifications = new ArrayList<>();
    List<Row<CreateTask>> tasks = new ArrayList<>();
    for (Entry entry : entries) {
      switch (entry.effect()) {
        case CreateNotification notification -> notifications.add(new Row<>(entry, notification));
        case CreateTask task -> tasks.add(new Row<>(entry, task));
      }
    }
    if (!notifications.isEmpty()) {
      insertNotifications(connection, notifications);
    }
    if (!tasks.isEmpty()) {
      insertTasks(connection, tasks);
    }
  }

  private static void insertNotifications(Connection connection, List<Row<CreateNotification>> rows)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(INSERT_NOTIFICATIONS)) {
      UnnestColumns<Row<CreateNotification>> columns =
          new UnnestColumns<>(connection, statement, rows);
      columns.add("uuid", row -> row.effect().id());
      addStep(columns);
      columns.add("text", row -> row.effect().channel());
      columns.add("text", row -> row.effect().recipient());
      columns.add("text", row -> row.effect().subject());
      columns.add("text", row -> row.effect().message());
      columns.add("text", row -> row.effect().url());
      columns.add("timestamptz", row -> time(row.effect().deliveredAt()));
      statement.executeUpdate();
    }
  }

  private static void insertTasks(Connection connection, List<Row<CreateTask>> rows)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(INSERT_TASKS)) {
      UnnestColumns<Row<CreateTask>> columns = new UnnestColumns<>(connection, statement, rows);
      columns.add("uuid", row -> row.effect().id());
      addStep(columns);
      columns.add("text", row -> row.effect().title());
      columns.add("text", row -> row.effect().description());
      columns.add("text", row -> row.effect().priority());
      columns.add("text", row -> row.effect().assignedTo());
      columns.add("timestamptz", row -> time(row.effect().dueAt()));
      columns.add("bool", row -> row.effect().waitForCompletion());
      statement.executeUpdate();
    }
  }

  /** Whose the row is. */
  private static <E extends Effect> void addStep(UnnestColumns<Row<E>> columns)
      throws SQLException {
    columns.add("uuid", row -> row.entry().workspaceId());
    columns.add("uuid", row -> row.entry().executionId());
    columns.add("text", row -> row.entry().stepPath());
  }

  private static @Nullable String time(@Nullable Instant instant) {
    return instant == null ? null : instant.toString();
  }
}
