package io.stepwell.workspace;

import static io.restassured.RestAssured.given;
import static io.stepwell.TestWorkspace.ADMIN_KEY;
import static io.stepwell.TestWorkspace.as;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.matchesPattern;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.stepwell.TestWorkspace;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
class StreamTicketTest {
  private final Database database = new Database();
  @Inject StreamTickets tickets;
  private TestWorkspace workspace;
  private UUID execution;

  @BeforeEach
  void createExecution() {
    workspace = TestWorkspace.create();
    execution = database.execution(workspace.id());
  }

  @Test
  void a_ticket_is_good_for_sixty_seconds_and_stands_in_for_a_key() {
    Instant before = Instant.now();
    Response created = as(workspace.key("viewer")).post(ticketPath(workspace, execution));
    created.then().statusCode(201).body("ticket", matchesPattern("st_[A-Za-z0-9_-]{43}"));
    assertThat(Instant.parse(created.path("expiresAt")))
        .isBetween(before.plusSeconds(59), Instant.now().plusSeconds(60));
    Response stream = stream(workspace, execution, created.path("ticket"));
    assertThat(stream.statusCode()).isEqualTo(200);
    assertThat(stream.asString()).contains("1 apikey:");
  }

  @Test
  void only_a_hash_is_stored() {
    String ticket = ticket();
    assertThat(
            database.query("select t::text from stream_ticket t where execution_id = ?", execution))
        .hasSize(1)
        .allSatisfy(row -> assertThat(row).doesNotContain(ticket));
  }

  @Test
  void a_ticket_opens_one_stream_and_nothing_else() {
    String ticket = ticket();
    UUID sibling = database.execution(workspace.id());
    TestWorkspace other = TestWorkspace.create();
    assertThat(stream(workspace, sibling, ticket).statusCode()).isEqualTo(401);
    assertThat(stream(other, execution, ticket).statusCode()).isEqualTo(404);
    given()
        .get(workspace.path("/probe/no-ticket/" + execution + "?ticket=" + ticket))
        .then()
        .statusCode(401);
    given().get(workspace.path("/probe?ticket=" + ticket)).then().statusCode(401);
    given()
        .header("Authorization", "Bearer " + ticket)
        .get(workspace.path("/probe/stream/" + execution))
        .then()
        .statusCode(401);
    assertThat(stream(workspace, execution, ticket).statusCode()).isEqualTo(200);
  }

  @Test
  void what_is_no_ticket_is_401() {
    ticket();
    for (String guess :
        List.of("", "st_x", "%00", ticket() + "x", ticket() + "&ticket=" + ticket())) {
      assertThat(stream(workspace, execution, guess).statusCode()).as(guess).isEqualTo(401);
    }
    assertThat(stream(workspace, UUID.randomUUID(), ticket()).statusCode()).isEqualTo(401);
    given().get(workspace.path("/probe/stream/" + execution)).then().statusCode(401);
  }

  @Test
  void a_wrong_key_is_not_mended_by_a_ticket() {
    given()
        .header("Authorization", "Bearer wrong")
        .get(workspace.path("/probe/stream/" + execution + "?ticket=" + ticket()))
        .then()
        .statusCode(401);
  }

  @Test
  void a_ticket_that_waited_too_long_is_refused() {
    String ticket = ticket();
    letPass(Duration.ofSeconds(61));
    assertThat(stream(workspace, execution, ticket).statusCode()).isEqualTo(401);
  }

  @Test
  void reconnections_work_for_ten_minutes_from_the_first_use() {
    String ticket = ticket();
    assertThat(stream(workspace, execution, ticket).statusCode()).isEqualTo(200);
    letPass(Duration.ofMinutes(5));
    assertThat(stream(workspace, execution, ticket).statusCode()).isEqualTo(200);
    letPass(Duration.ofMinutes(4).plusSeconds(50));
    assertThat(stream(workspace, execution, ticket).statusCode())
        .as("a reconnection gives no more time")
        .isEqualTo(200);
    letPass(Duration.ofSeconds(20));
    assertThat(stream(workspace, execution, ticket).statusCode()).isEqualTo(401);
  }

  @Test
  void there_is_no_ticket_for_what_is_not_here() {
    TestWorkspace other = TestWorkspace.create();
    for (String id : List.of(UUID.randomUUID().toString(), "nonsense", "%00")) {
      as(workspace.key("viewer"))
          .post(workspace.path("/workflows/executions/" + id + "/stream-tickets"))
          .then()
          .statusCode(404)
          .body("code", equalTo("execution_not_found"));
    }
    as(other.key("admin"))
        .post(ticketPath(other, execution))
        .then()
        .statusCode(404)
        .body("code", equalTo("execution_not_found"));
    as(other.key("admin")).post(ticketPath(workspace, execution)).then().statusCode(404);
  }

  @Test
  void expired_tickets_are_deleted_and_others_stay() {
    ticket();
    letPass(Duration.ofSeconds(61));
    ticket();
    tickets.deleteExpired();
    assertThat(
            database.query(
                "select expires_at > now() from stream_ticket where execution_id = ?", execution))
        .containsExactly("t");
  }

  @Test
  void the_tickets_of_a_deleted_workspace_open_nothing() {
    String ticket = ticket();
    as(ADMIN_KEY).delete(workspace.path("")).then().statusCode(204);
    assertThat(stream(workspace, execution, ticket).statusCode()).isEqualTo(404);
  }

  private String ticket() {
    return as(workspace.key("viewer")).post(ticketPath(workspace, execution)).path("ticket");
  }

  /** Moves the tickets of the execution into the past. */
  private void letPass(Duration time) {
    database.update(
        """
        update stream_ticket
        set expires_at = expires_at - make_interval(secs => ?),
            first_used_at = first_used_at - make_interval(secs => ?)
        where execution_id = ?
        """,
        (double) time.toSeconds(),
        (double) time.toSeconds(),
        execution);
  }

  private static String ticketPath(TestWorkspace workspace, UUID execution) {
    return workspace.path("/workflows/executions/" + execution + "/stream-tickets");
  }

  private static Response stream(TestWorkspace workspace, UUID execution, String ticket) {
    return given()
        .urlEncodingEnabled(false)
        .accept("text/event-stream")
        .get(workspace.path("/probe/stream/" + execution + "?ticket=" + ticket));
  }
}
