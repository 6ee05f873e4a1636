package io.stepwell.stream;

import static io.restassured.RestAssured.given;
import static io.stepwell.TestWorkspace.as;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.stepwell.TestDatabase;
import io.stepwell.TestExecution;
import io.stepwell.TestWorkflow;
import io.stepwell.TestWorkspace;
import io.stepwell.stream.EventStream.Open;
import java.net.URI;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a browser's {@code EventSource}, which sends no headers, gets by a ticket. */
@QuarkusTest
class TicketTest {
  private static TestWorkspace own;

  @TestHTTPResource URI base;
  private final DataSource database = TestDatabase.ofService();
  private EventStream streams;
  private TestExecution execution;

  @BeforeEach
  void createExecution() {
    streams = new EventStream(base);
    if (own == null) {
      own = TestWorkspace.create();
    }
    execution = new TestExecution(own, TestWorkflow.of(own, "").run().path("id").textValue());
  }

  @AfterEach
  void closeStreams() {
    streams.close();
  }

  private static Response ticketFor(TestExecution execution) {
    return as(own.key("viewer")).post(execution.path("/stream-tickets"));
  }

  private int open(String executionPath, String ticket) {
    try (Open stream = streams.open(executionPath + "?ticket=" + ticket)) {
      if (stream.status() == 200) {
        assertThat(stream.await("complete").status()).isEqualTo("COMPLETED");
      }
      return stream.status();
    }
  }

  private void moveTickets(Duration time) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement statement =
            connection.prepareStatement(
                """
                update stream_ticket
                set expires_at = expires_at - ? * interval '1 millisecond'
                where execution_id = ?\
                """)) {
      statement.setLong(1, time.toMillis());
      statement.setObject(2, UUID.fromString(execution.id()));
      statement.executeUpdate();
    }
  }

  @Test
  void a_ticket_opens_the_stream_without_a_header_again_and_again() throws SQLException {
    Response answer = ticketFor(execution);
    answer.then().statusCode(201);
    assertThat(Instant.parse(answer.path("expiresAt")))
        .isBetween(Instant.now().plusSeconds(40), Instant.now().plusSeconds(61));
    String ticket = answer.path("ticket");

    assertThat(open(execution.path("/stream"), ticket)).isEqualTo(200);
    moveTickets(Duration.ofMinutes(9));
    assertThat(open(execution.path("/stream"), ticket)).isEqualTo(200);
    moveTickets(Duration.ofMinutes(2));
    assertThat(open(execution.path("/stream"), ticket)).isEqualTo(401);
  }

  @Test
  void a_ticket_that_was_not_used_in_time_is_none() throws SQLException {
    String ticket = ticketFor(execution).path("ticket");
    moveTickets(Duration.ofSeconds(61));
    assertThat(open(execution.path("/stream"), ticket)).isEqualTo(401);
  }

  @Test
  void a_ticket_is_for_one_stream_and_nothing_else() {
    String ticket = ticketFor(execution).path("ticket");
    TestExecution another =
        new TestExecution(own, TestWorkflow.of(own, "").run().path("id").textValue());
    assertThat(open(another.path("/stream"), ticket)).isIn(401, 404);
    TestExecution foreign = new TestExecution(TestWorkspace.create(), execution.id());
    assertThat(open(foreign.path("/stream"), ticket)).isIn(401, 404);
    assertThat(open(execution.path("/stream"), "st_nonsense")).isEqualTo(401);
    assertThat(open(execution.path("/stream"), "")).isEqualTo(401);
    for (String path : List.of(execution.path(""), own.path("/workflows"), own.path("/tasks"))) {
      given().get(path + "?ticket=" + ticket).then().statusCode(401);
    }
    assertThat(open(execution.path("/stream"), ticket)).isEqualTo(200);
  }

  @Test
  void there_is_no_ticket_for_what_is_not_there() {
    ticketFor(new TestExecution(own, UUID.randomUUID().toString()))
        .then()
        .statusCode(404)
        .body("code", equalTo("execution_not_found"));
    given().post(execution.path("/stream-tickets")).then().statusCode(401);
  }
}
