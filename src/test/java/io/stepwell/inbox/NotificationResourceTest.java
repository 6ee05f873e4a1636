package io.stepwell.inbox;

import static io.stepwell.TestWorkspace.as;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;

import io.quarkus.test.junit.QuarkusTest;
import io.stepwell.TestDatabase;
import io.stepwell.TestWorkspace;
import io.stepwell.action.EffectStore;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@QuarkusTest
class NotificationResourceTest {
  private final DataSource database = TestDatabase.ofService();
  private final EffectStore store = new EffectRows();
  private StoredInbox inbox;

  @BeforeEach
  void create() throws SQLException {
    inbox = StoredInbox.create(database, store);
  }

  @Test
  void a_list_is_filtered_by_recipient_and_by_what_is_unread() throws SQLException {
    String first = inbox.notification("ann").toString();
    String read = inbox.notification("ann").toString();
    String other = inbox.notification("bob & co").toString();
    inbox.read(UUID.fromString(read)).statusCode(200);

    assertThat(inbox.ids("notifications", "")).containsExactly(other, read, first);
    assertThat(inbox.ids("notifications", "?recipient=ann")).containsExactly(read, first);
    assertThat(inbox.ids("notifications", "?recipient=bob%20%26%20co")).containsExactly(other);
    assertThat(inbox.ids("notifications", "?unread=true")).containsExactly(other, first);
    assertThat(inbox.ids("notifications", "?unread=false")).containsExactly(read);
    assertThat(inbox.ids("notifications", "?recipient=ann&unread=true")).containsExactly(first);
    assertThat(inbox.ids("notifications", "?recipient=an")).isEmpty();
  }

  @Test
  void a_page_of_large_notifications_ends_early_and_loses_none() throws SQLException {
    for (int i = 0; i < 100; i++) {
      inbox.notification("ann");
    }
    // the most that an action takes, in the longest characters
    inbox.change(
        "update notification set message = repeat('\uD83D\uDE00', 65536) where workspace_id = ?");
    List<List<String>> pages = inbox.pages("notifications", "?recipient=ann&limit=100");
    assertThat(pages.stream().map(List::size)).containsExactly(63, 37);
    assertThat(pages.stream().flatMap(List::stream)).doesNotHaveDuplicates().hasSize(100);
  }

  @Test
  void pages_follow_each_other_without_a_gap() throws SQLException {
    String first = inbox.notification("ann").toString();
    inbox.notification("bob");
    String second = inbox.notification("ann").toString();
    String third = inbox.notification("ann").toString();

    String cursor =
        inbox
            .get("/notifications?recipient=ann&limit=2")
            .body("notifications.id", equalTo(List.of(third, second)))
            .body("pagination.limit", equalTo(2))
            .extract()
            .path("pagination.nextCursor");
    inbox
        .get("/notifications?recipient=ann&limit=2&cursor=" + cursor)
        .body("notifications.id", equalTo(List.of(first)))
        .body("pagination.nextCursor", nullValue());
    inbox.get("/tasks?cursor=" + cursor).statusCode(400).body("code", equalTo("invalid_cursor"));
  }

  @Test
  void reading_twice_keeps_the_time_of_the_first() throws SQLException {
    UUID id = inbox.notification("ann");
    Instant before = Instant.now();

    String readAt =
        inbox.read(id).statusCode(200).body("readAt", notNullValue()).extract().path("readAt");

    assertThat(Instant.parse(readAt)).isBetween(before.minusSeconds(5), before.plusSeconds(60));
    String createdAt = inbox.get("/notifications/" + id).extract().path("createdAt");
    assertThat(Duration.between(Instant.parse(createdAt), Instant.parse(readAt)))
        .isBetween(Duration.ZERO, Duration.ofSeconds(60));
    inbox.read(id).statusCode(200).body("readAt", equalTo(readAt));
    inbox.get("/notifications/" + id).body("readAt", equalTo(readAt));
  }

  @ParameterizedTest
  @CsvSource({
    "unread=yes, invalid_unread",
    "unread=TRUE, invalid_unread",
    "recipient=%00, invalid_recipient",
    "limit=0, invalid_limit",
    "cursor=x, invalid_cursor",
  })
  void a_filter_that_makes_no_sense_is_refused(String query, String code) {
    inbox.get("/notifications?" + query).statusCode(400).body("code", equalTo(code));
  }

  @Test
  void a_notification_of_another_workspace_is_not_there() throws SQLException {
    UUID id = inbox.notification("ann");
    TestWorkspace other = TestWorkspace.create();
    String path = other.path("/notifications/" + id);

    as(other.key("admin")).get(path).then().statusCode(404);
    as(other.key("admin"))
        .post(path + "/read")
        .then()
        .statusCode(404)
        .body("code", equalTo("notification_not_found"));
    inbox.get("/notifications/" + id).body("readAt", nullValue());
    inbox.get("/notifications/nonsense").statusCode(404);
  }

  @Test
  void a_viewer_may_look_but_not_mark() throws SQLException {
    UUID id = inbox.notification("ann");

    as(inbox.workspace.key("viewer"))
        .post(inbox.workspace.path("/notifications/" + id + "/read"))
        .then()
        .statusCode(403);
    inbox.get("/notifications/" + id).body("readAt", nullValue());
  }
}
