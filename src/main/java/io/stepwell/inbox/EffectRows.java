package io.stepwell.inbox;

import io.stepwell.action.Effect;
import io.stepwell.action.Effect.CreateNotification;
import io.stepwell.action.Effect.CreateTask;
import io.stepwell.action.EffectStore;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
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
      Columns<CreateNotification> columns = new Columns<>(connection, statement, rows);
      columns.addSteps(CreateNotification::id);
      columns.add("text", CreateNotification::channel);
      columns.add("text", CreateNotification::recipient);
      columns.add("text", CreateNotification::subject);
      columns.add("text", CreateNotification::message);
      columns.add("text", CreateNotification::url);
      columns.add("timestamptz", notification -> time(notification.deliveredAt()));
      statement.executeUpdate();
    }
  }

  private static void insertTasks(Connection connection, List<Row<CreateTask>> rows)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(INSERT_TASKS)) {
      Columns<CreateTask> columns = new Columns<>(connection, statement, rows);
      columns.addSteps(CreateTask::id);
      columns.add("text", CreateTask::title);
      columns.add("text", CreateTask::description);
      columns.add("text", CreateTask::priority);
      columns.add("text", CreateTask::assignedTo);
      columns.add("timestamptz", task -> time(task.dueAt()));
      columns.add("bool", CreateTask::waitForCompletion);
      statement.executeUpdate();
    }
  }

  private static @Nullable String time(@Nullable Instant instant) {
    return instant == null ? null : instant.toString();
  }

  /** Binds rows column by column, as {@code unnest} takes them. */
  private static final class Columns<E extends Effect> {
    private final Connection connection;
    private final PreparedStatement statement;
    private final List<Row<E>> rows;
    private int next = 1;

    Columns(Connection connection, PreparedStatement statement, List<Row<E>> rows) {
      this.connection = connection;
      this.statement = statement;
      this.rows = rows;
    }

    /** The id of the row itself, and whose it is. */
    void addSteps(Function<E, UUID> id) throws SQLException {
      add("uuid", id::apply);
      addOfRow("uuid", row -> row.entry().workspaceId());
      addOfRow("uuid", row -> row.entry().executionId());
      addOfRow("text", row -> row.entry().stepPath());
    }

    void add(String type, Function<E, @Nullable Object> value) throws SQLException {
      addOfRow(type, row -> value.apply(row.effect()));
    }

    private void addOfRow(String type, Function<Row<E>, @Nullable Object> value)
        throws SQLException {
      @Nullable Object[] values = rows.stream().map(value).toArray();
      statement.setArray(next++, connection.createArrayOf(type, values));
    }
  }
}
