package io.stepwell.execution;

import static io.stepwell.TestWorkspace.as;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.notNullValue;

import com.fasterxml.jackson.databind.JsonNode;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.stepwell.TestDatabase;
import io.stepwell.TestExecution;
import io.stepwell.TestWorkflow;
import io.stepwell.TestWorkspace;
import io.stepwell.http.AnswerBudget;
import io.stepwell.kernel.Json;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What clients do not read has a bound in bytes, and in time. */
@QuarkusTest
@TestProfile(SlowReaderTest.SmallMemory.class)
class SlowReaderTest {
  private static final int MIB = 1024 * 1024;
  // together more than the system buffers
  private static final int MANY = 68;
  private static final Duration DEADLINE = Duration.ofSeconds(60);

  /** Room for one large answer of a workspace, and little patience. */
  public static final class SmallMemory implements QuarkusTestProfile {
    @Override
    public Map<String, String> getConfigOverrides() {
      return Map.of(
          "stepwell.http.answer-memory", "32M",
          "stepwell.http.slow-reading-time", "5s",
          "stepwell.stream.slow-reading", "5s");
    }
  }

  private static final String SET_OUTPUT =
      """
      update step_run
      set output = json_build_object('text', repeat('x', ?))
      where execution_id = ? and path = any(?)
      """;

  private static final String STEPS =
      "{'type': 'custom_action', 'config': {'fail': 'never'}},".repeat(MANY)
          + "{'name': 'pause', 'type': 'wait', 'config': {'durationMs': 600000}}";

  private final DataSource database = TestDatabase.ofService();

  @Inject MeterRegistry metrics;
  @Inject AnswerBudget budget;

  @TestHTTPResource("/")
  URI service;

  private TestWorkspace own;
  private TestExecution execution;

  @BeforeEach
  void start() {
    own = TestWorkspace.create();
    execution = TestWorkflow.of(own, STEPS).start();
    execution.awaitStep("pause", "RUNNING");
  }

  @AfterEach
  void cancel() {
    await().atMost(DEADLINE).until(() -> held() == 0);
    execution.cancel().then().statusCode(200);
  }

  private void outputs(int bytes, int steps) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement statement = connection.prepareStatement(SET_OUTPUT)) {
      String[] paths = new String[steps];
      for (int step = 0; step < steps; step++) {
        paths[step] = Integer.toString(step);
      }
      statement.setInt(1, bytes);
      statement.setObject(2, UUID.fromString(execution.id()));
      statement.setArray(3, connection.createArrayOf("text", paths));
      assertThat(statement.executeUpdate()).isEqualTo(steps);
    }
  }

  private double held() {
    return metrics.get("stepwell.http.answer.memory").gauge().value();
  }

  /** Asks, and reads nothing. */
  private Socket ask(String path) throws IOException {
    Socket socket = new Socket();
    socket.setReceiveBufferSize(4096);
    socket.setSoTimeout((int) DEADLINE.toMillis());
    socket.connect(new InetSocketAddress(service.getHost(), service.getPort()));
    String request =
        "GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer %s\r\n\r\n"
            .formatted(path, own.key("viewer"));
    socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  private Socket askForLargeAnswer(String path) throws IOException {
    Socket socket = ask(path);
    await().atMost(DEADLINE).until(() -> held() > 0);
    return socket;
  }

  /** To its end, or to where the service has cut it off. */
  private static long read(Socket socket) throws IOException {
    byte[] buffer = new byte[64 * 1024];
    long bytes = 0;
    try {
      for (int read; (read = socket.getInputStream().read(buffer)) >= 0; ) {
        bytes += read;
      }
    } catch (IOException e) {
      // a reset is as good an end
    }
    return bytes;
  }

  /** Takes what its workspace may have. */
  private AnswerBudget.Part holding() {
    AnswerBudget.Part part = budget.of(own.id());
    assertThat(part.take(9 * MIB, Duration.ZERO)).isTrue();
    return part;
  }

  @Test
  void a_large_answer_that_nobody_reads_is_cut_off() throws Exception {
    outputs(9 * MIB, 1);
    try (Socket unread = askForLargeAnswer(execution.path(""))) {
      await().atMost(DEADLINE).until(() -> held() == 0);
      assertThat(read(unread)).isLessThan(9 * MIB);
    }
    assertThat(execution.get().at("/steps/0/output/text").textValue()).hasSize(9 * MIB);
  }

  @Test
  void large_answers_are_refused_while_there_is_no_memory_for_them() throws Exception {
    outputs(9 * MIB, 1);
    AnswerBudget.Part held = holding();
    for (String large : new String[] {"", "/steps/0", "/export"}) {
      as(own.key("viewer"))
          .get(execution.path(large))
          .then()
          .statusCode(429)
          .body("code", equalTo("overloaded"))
          .header("Retry-After", notNullValue());
    }
    as(own.key("viewer")).get(execution.path("/steps/1")).then().statusCode(200);
    held.give();
    as(own.key("viewer")).get(execution.path("")).then().statusCode(200);
  }

  @Test
  void a_client_that_goes_away_gives_its_memory_back() throws Exception {
    outputs(9 * MIB, 1);
    Socket socket = askForLargeAnswer(execution.path("/export"));
    socket.setSoLinger(true, 0);
    socket.close();
    await().atMost(DEADLINE).until(() -> held() == 0);
  }

  @Test
  void the_outcome_of_a_command_is_told_without_its_outputs_where_there_is_no_memory()
      throws Exception {
    outputs(9 * MIB, 1);
    AnswerBudget.Part held = holding();
    JsonNode cancelled = Json.read(execution.cancel().then().statusCode(200).extract().asString());
    held.give();
    assertThat(cancelled.path("status").textValue()).isEqualTo("CANCELLED");
    assertThat(cancelled.at("/steps/0/output").isNull()).isTrue();
    assertThat(cancelled.at("/steps/0/outputTruncated").booleanValue()).isTrue();
  }

  @Test
  void a_stream_that_nobody_reads_ends_and_holds_no_memory_then() throws Exception {
    outputs(60_000, MANY);
    try (Socket unread = askForLargeAnswer(execution.path("/stream"))) {
      await().atMost(DEADLINE).until(() -> held() == 0);
      assertThat(read(unread)).isLessThan(MANY * 60_000);
    }
  }

  @Test
  void a_stream_holds_no_memory_once_its_client_has_read_it() throws Exception {
    outputs(60_000, MANY);
    try (Socket socket = ask(execution.path("/stream"))) {
      long read = 0;
      byte[] buffer = new byte[64 * 1024];
      while (read < MANY * 60_000) {
        read += socket.getInputStream().read(buffer);
      }
      await().atMost(DEADLINE).until(() -> held() == 0);
    }
  }
}
