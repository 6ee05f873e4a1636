package io.stepwell.inbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;

import io.quarkus.test.junit.QuarkusTest;
import io.stepwell.TestDatabase;
import io.stepwell.action.Effect;
import io.stepwell.action.EffectStore;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
class EffectRowsTest {
  private static final Instant TIME = Instant.parse("2026-11-22T19:44:15.123456Z");
  // braces, quotes, backslashes, commas and NULL mean something in an array's text
  private static final String HOSTILE = "{\"a\\\",NULL}'; ü\n☂ 𝄞";

  private final DataSource database = TestDatabase.ofService();
  private final EffectStore store = new EffectRows();
  private StoredInbox inbox;

  @BeforeEach
  void create() throws SQLException {
    inbox = StoredInbox.create(database, store);
  }

  @Test
  void every_member_arrives() throws SQLException {
    UUID task = UUID.randomUUID();
    UUID bare = UUID.randomUUID();
    UUID notification = UUID.randomUUID();

    inbox.write(
        new Effect.CreateTask(task, HOSTILE, HOSTILE, "URGENT", HOSTILE, TIME, true),
        new Effect.CreateNotification(
            notification, "webhook", HOSTILE, HOSTILE, HOSTILE, "https://x.example/", TIME),
        new Effect.CreateTask(bare, "NULL", null, "LOW", null, null, false));

    inbox
        .get("/tasks/" + task)
        .statusCode(200)
        .body("id", equalTo(task.toString()))
        .body("executionId", equalTo(inbox.executionId.toString()))
        .body("stepPath", equalTo("1.then.0"))
        .body("title", equalTo(HOSTILE))
        .body("description", equalTo(HOSTILE))
        .body("priority", equalTo("URGENT"))
        .body("assignedTo", equalTo(HOSTILE))
        .body("dueAt", equalTo("2026-11-22T19:44:15.123Z"))
        .body("status", equalTo("OPEN"))
        .body("waitForCompletion", equalTo(true))
        .body("result", nullValue())
        .body("completedBy", nullValue())
        .body("createdAt", notNullValue())
        .body("updatedAt", notNullValue())
        .body("completedAt", nullValue())
        .body("size()", equalTo(15));
    inbox
        .get("/tasks/" + bare)
        .body("title", equalTo("NULL"))
        .body("description", nullValue())
        .body("assignedTo", nullValue())
        .body("dueAt", nullValue())
        .body("waitForCompletion", equalTo(false));
    inbox
        .get("/notifications/" + notification)
        .statusCode(200)
        .body("id", equalTo(notification.toString()))
        .body("executionId", equalTo(inbox.executionId.toString()))
        .body("stepPath", equalTo("1.then.0"))
        .body("channel", equalTo("webhook"))
        .body("recipient", equalTo(HOSTILE))
        .body("subject", equalTo(HOSTILE))
        .body("message", equalTo(HOSTILE))
        .body("url", equalTo("https://x.example/"))
        .body("createdAt", notNullValue())
        .body("deliveredAt", equalTo("2026-11-22T19:44:15.123Z"))
        .body("readAt", nullValue())
        .body("size()", equalTo(11));
  }

  @Test
  void writing_the_same_again_changes_nothing() throws SQLException {
    UUID task = UUID.randomUUID();
    Effect[] effects = {
      new Effect.CreateTask(task, "Look", null, "LOW", null, null, false),
      new Effect.CreateNotification(UUID.randomUUID(), "inbox", "ann", null, "Hi", null, TIME)
    };
    inbox.write(effects);
    inbox.patch(task, "{\"status\": \"DONE\"}").statusCode(200);

    inbox.write(effects);

    inbox.get("/tasks").body("tasks", hasSize(1)).body("tasks[0].status", equalTo("DONE"));
    inbox.get("/notifications").body("notifications", hasSize(1));
  }

  @Test
  void nothing_is_there_before_the_caller_commits() throws SQLException {
    Effect task = new Effect.CreateTask(UUID.randomUUID(), "Look", null, "LOW", null, null, false);
    try (Connection connection = database.getConnection()) {
      connection.setAutoCommit(false);
      store.write(connection, List.of(inbox.entry(task)));

      assertThat(inbox.ids("tasks", "")).isEmpty();

      connection.rollback();
      connection.setAutoCommit(true);
    }
    assertThat(inbox.ids("tasks", "")).isEmpty();
  }

  @Test
  void a_row_that_breaks_a_rule_of_the_table_fails_them_all() {
    Effect good = new Effect.CreateTask(UUID.randomUUID(), "Look", null, "LOW", null, null, false);
    Effect bad = new Effect.CreateTask(UUID.randomUUID(), "Look", null, "EVER", null, null, false);

    assertThatThrownBy(() -> inbox.write(good, bad)).isInstanceOf(SQLException.class);
    assertThat(inbox.ids("tasks", "")).isEmpty();
  }
}
