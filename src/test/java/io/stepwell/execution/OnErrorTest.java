package io.stepwell.execution;

import static io.stepwell.TestExecution.output;
import static io.stepwell.TestExecution.statuses;
import static io.stepwell.TestExecution.step;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.quarkus.test.junit.QuarkusTest;
import io.stepwell.StubServer;
import io.stepwell.StubServer.Answer;
import io.stepwell.StubServer.Request;
import io.stepwell.TestExecution;
import io.stepwell.TestWorkflow;
import io.stepwell.TestWorkspace;
import io.stepwell.kernel.Json;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of a step that fails, and of its execution. */
@QuarkusTest
class OnErrorTest {
  private static TestWorkspace own;

  private StubServer stub = StubServer.answering(request -> Answer.status(204));

  @BeforeEach
  void createWorkspace() {
    if (own == null) {
      own = TestWorkspace.create();
    }
  }

  @AfterEach
  void closeStub() {
    stub.close();
  }

  private void answering(Function<Request, Answer> script) {
    stub.close();
    stub = StubServer.answering(script);
  }

  /** Fails so often, then works. */
  private void failing(int times, Answer failure) {
    AtomicInteger left = new AtomicInteger(times);
    answering(request -> left.getAndDecrement() > 0 ? failure : Answer.json("{'ok': true}"));
  }

  private static JsonNode run(String actions) {
    return TestWorkflow.of(own, actions).run();
  }

  private String call(String more) {
    return "{'name': 'call', 'type': 'call_api', 'config': {'url': '%s'}%s}"
        .formatted(stub.url(), more);
  }

  private static String failing(String onError) {
    return "{'name': 'bad', 'type': 'custom_action', 'config': {'fail': 'always'}, 'onError': '%s'}"
        .formatted(onError);
  }

  private static final String GOOD =
      "{'name': 'good', 'type': 'custom_action', 'config': {'fail': 'never'}}";

  private static String retry(int maxRetries, int delayMs) {
    return ", 'onError': 'retry', 'retry': {'maxRetries': %d, 'delayMs': %d, 'jitter': false}"
        .formatted(maxRetries, delayMs);
  }

  private List<Duration> pauses() {
    List<Request> requests = stub.requests();
    return IntStream.range(1, requests.size())
        .mapToObj(i -> Duration.ofNanos(requests.get(i).nanos() - requests.get(i - 1).nanos()))
        .toList();
  }

  @Test
  void stop_ends_the_execution_with_the_error_of_its_step() {
    JsonNode execution = run(failing("stop") + "," + GOOD);
    assertThat(execution.path("status").textValue()).isEqualTo("FAILED");
    assertThat(execution.path("error"))
        .isEqualTo(
            Json.read(
                """
                {"code": "custom_failure", "message": "It was told to fail.", "step": "bad",
                 "attempts": 1}\
                """));
    assertThat(step(execution, "bad").path("error"))
        .isEqualTo(
            Json.read("{\"code\": \"custom_failure\", \"message\": \"It was told to fail.\"}"));
    assertThat(step(execution, "bad").get("output").isNull()).isTrue();
    assertThat(statuses(execution)).containsEntry("bad", "FAILED").containsEntry("good", "PENDING");
    assertThat(execution.at("/progress/failedSteps").intValue()).isEqualTo(1);
    assertThat(execution.at("/progress/percentage").intValue()).isEqualTo(50);
  }

  @Test
  void stop_is_the_default() {
    JsonNode execution = run("{'type': 'custom_action', 'config': {'fail': 'always'}}," + GOOD);
    assertThat(execution.path("status").textValue()).isEqualTo("FAILED");
    assertThat(execution.at("/error/step").textValue()).isEqualTo("custom_action_1");
  }

  @Test
  void continue_goes_on_and_the_execution_completes() {
    JsonNode execution = run(failing("continue") + "," + GOOD);
    assertThat(execution.path("status").textValue()).isEqualTo("COMPLETED");
    assertThat(execution.get("error").isNull()).isTrue();
    assertThat(statuses(execution))
        .containsEntry("bad", "FAILED")
        .containsEntry("good", "COMPLETED");
    assertThat(execution.at("/progress/failedSteps").intValue()).isEqualTo(1);
    assertThat(execution.at("/progress/successfulSteps").intValue()).isEqualTo(1);
    assertThat(execution.at("/progress/percentage").intValue()).isEqualTo(100);
  }

  @Test
  void a_failed_condition_that_continues_skips_its_branches() {
    JsonNode execution =
        run(
            """
            {'name': 'c', 'type': 'condition', 'onError': 'continue',
             'config': {'field': 'trigger', 'operator': 'greater_than', 'value': 1},
             'then': [{'name': 'a', 'type': 'custom_action', 'config': {'fail': 'never'}}]},\
            """
                + GOOD);
    assertThat(step(execution, "c").at("/error/code").textValue()).isEqualTo("expression_error");
    assertThat(statuses(execution).values()).containsExactly("FAILED", "SKIPPED", "COMPLETED");
  }

  @Test
  void retry_by_default_makes_up_to_three_more_attempts_ever_later() {
    answering(request -> Answer.status(503));
    JsonNode execution = run(call(", 'onError': 'retry'") + "," + GOOD);
    assertThat(execution.path("status").textValue()).isEqualTo("FAILED");
    assertThat(execution.at("/error/code").textValue()).isEqualTo("http_status");
    assertThat(execution.at("/error/attempts").intValue()).isEqualTo(4);
    assertThat(step(execution, "call").path("attempts").intValue()).isEqualTo(4);
    assertThat(statuses(execution)).containsEntry("good", "PENDING");
    List<Duration> pauses = pauses();
    assertThat(pauses).hasSize(3);
    assertThat(pauses.get(0)).isGreaterThan(Duration.ofMillis(370));
    assertThat(pauses.get(1)).isGreaterThan(Duration.ofMillis(870));
    assertThat(pauses.get(2)).isBetween(Duration.ofMillis(1870), Duration.ofSeconds(15));
  }

  @Test
  void retry_goes_on_as_soon_as_an_attempt_succeeds() {
    failing(2, Answer.status(500));
    JsonNode execution = run(call(retry(5, 10)) + "," + GOOD);
    assertThat(execution.path("status").textValue()).isEqualTo("COMPLETED");
    assertThat(step(execution, "call").path("attempts").intValue()).isEqualTo(3);
    assertThat(step(execution, "call").get("error").isNull()).isTrue();
    assertThat(stub.requests()).hasSize(3);
  }

  @Test
  void every_attempt_carries_the_same_key_and_a_trace() {
    failing(2, Answer.status(500));
    JsonNode execution = run(call(retry(2, 1)));
    Set<String> keys = new HashSet<>();
    stub.requests().forEach(request -> keys.add(request.headers().get("idempotency-key")));
    assertThat(keys).containsExactly(execution.path("id").textValue() + ":call");
    assertThat(stub.requests())
        .allSatisfy(request -> assertThat(request.headers()).containsKey("traceparent"));
  }

  @ParameterizedTest
  @ValueSource(ints = {408, 425, 429, 500, 502, 503, 504})
  void what_may_pass_is_retried(int status) {
    failing(1, Answer.status(status));
    assertThat(step(run(call(retry(1, 1))), "call").path("attempts").intValue()).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 401, 403, 404, 409, 410, 422, 302})
  void what_will_not_pass_is_not_retried(int status) {
    answering(request -> Answer.status(status));
    JsonNode execution = run(call(retry(3, 1)));
    assertThat(execution.at("/error/code").textValue()).isEqualTo("http_status");
    assertThat(execution.at("/error/attempts").intValue()).isEqualTo(1);
    assertThat(stub.requests()).hasSize(1);
  }

  @Test
  void an_address_that_is_denied_is_not_retried() {
    JsonNode execution =
        run(
            """
            {'name': 'call', 'type': 'call_api', 'config': {'url': 'http://127.0.0.1:1/'},
             'onError': 'retry', 'retry': {'maxRetries': 3, 'delayMs': 1}}\
            """);
    assertThat(execution.at("/error/code").textValue()).isEqualTo("address_denied");
    assertThat(execution.at("/error/attempts").intValue()).isEqualTo(1);
  }

  @Test
  void a_connection_that_fails_is_retried() {
    stub.close();
    JsonNode execution = run(call(retry(2, 1)));
    assertThat(execution.at("/error/code").textValue()).isEqualTo("connect_failed");
    assertThat(execution.at("/error/attempts").intValue()).isEqualTo(3);
  }

  @Test
  void past_its_timeout_an_attempt_fails_and_its_work_is_interrupted() {
    stub.close();
    stub = StubServer.silent();
    JsonNode execution = run(call(", 'timeout': 150"));
    assertThat(execution.at("/error/code").textValue()).isEqualTo("timeout");
    assertThat(step(execution, "call").path("durationMs").longValue()).isBetween(150L, 10_000L);
    Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> stub.hungUp() == 1);
  }

  @Test
  void each_attempt_has_the_whole_timeout() {
    stub.close();
    stub = StubServer.silent();
    JsonNode execution = run(call(", 'timeout': 100" + retry(2, 1)));
    assertThat(execution.at("/error/code").textValue()).isEqualTo("timeout");
    assertThat(execution.at("/error/attempts").intValue()).isEqualTo(3);
    assertThat(stub.requests()).hasSize(3);
    // the stub learns of an attempt a little after it began
    assertThat(pauses())
        .allSatisfy(pause -> assertThat(pause).isGreaterThan(Duration.ofMillis(60)));
  }

  @Test
  void a_long_backoff_holds_no_thread_and_still_comes_to_its_end() {
    failing(1, Answer.status(503));
    TestExecution started = TestWorkflow.of(own, call(retry(1, 2_300))).start();
    JsonNode waiting =
        started.await(seen -> step(seen, "call").at("/error/code").textValue() != null);
    assertThat(step(waiting, "call").path("status").textValue()).isEqualTo("RUNNING");
    assertThat(step(waiting, "call").path("attempts").intValue()).isEqualTo(1);

    JsonNode execution = started.awaitEnd();
    assertThat(execution.path("status").textValue()).isEqualTo("COMPLETED");
    assertThat(step(execution, "call").path("attempts").intValue()).isEqualTo(2);
    assertThat(output(execution, "call").at("/body/ok").booleanValue()).isTrue();
    assertThat(pauses().getFirst()).isBetween(Duration.ofMillis(2_300), Duration.ofSeconds(8));
    assertThat(step(execution, "call").path("durationMs").longValue()).isGreaterThan(2_300);
  }

  @Test
  void the_other_side_s_retry_after_is_honoured() {
    failing(1, new Answer(429, Map.of("Retry-After", "1"), ""));
    run(call(retry(1, 1)));
    assertThat(pauses().getFirst()).isBetween(Duration.ofMillis(990), Duration.ofSeconds(6));
  }

  @Test
  void a_retry_after_beyond_the_longest_delay_is_cut() {
    failing(1, new Answer(503, Map.of("Retry-After", "3600"), ""));
    run(call(", 'onError': 'retry', 'retry': {'maxRetries': 1, 'delayMs': 1, 'maxDelayMs': 50}"));
    assertThat(pauses().getFirst()).isBetween(Duration.ofMillis(50), Duration.ofSeconds(5));
  }

  @ParameterizedTest
  @CsvSource({
    "'{\"url\": \"{{ $error(1) }}\"}'",
    "'{\"url\": \"http://localhost/{{ trigger.a + \\\"x\\\" }}\"}'",
  })
  void an_expression_that_fails_fails_its_step(String config) {
    JsonNode execution =
        TestWorkflow.of(own, "{'name': 'e', 'type': 'call_api', 'config': " + config + "}, " + GOOD)
            .run("{'a': {}}");
    assertThat(execution.path("status").textValue()).isEqualTo("FAILED");
    assertThat(execution.at("/error/code").textValue()).isEqualTo("expression_error");
    assertThat(execution.at("/error/step").textValue()).isEqualTo("e");
    assertThat(execution.at("/error/message").textValue()).isNotBlank();
    assertThat(statuses(execution)).containsEntry("good", "PENDING");
  }

  @Test
  void a_when_that_fails_fails_its_step() {
    JsonNode execution =
        run(
            """
            {'name': 'e', 'type': 'custom_action', 'config': {'fail': 'never'},
             'when': '$number(trigger)'}\
            """);
    assertThat(execution.at("/error/code").textValue()).isEqualTo("expression_error");
  }

  @Test
  void a_rendered_config_that_violates_the_schema_fails_its_step() {
    JsonNode execution =
        run(
            """
            {'name': 'e', 'type': 'send_notification',
             'config': {'message': '{{ trigger.missing }}', 'recipient': 'ann'}}\
            """);
    assertThat(execution.at("/error/code").textValue()).isEqualTo("invalid_config");
    assertThat(execution.at("/error/message").textValue()).contains("/config/message");
  }

  @Test
  void a_value_that_cannot_be_stored_fails_its_step() {
    JsonNode execution =
        run(
            """
            {'name': 'e', 'type': 'send_notification', 'onError': 'continue',
             'config': {'message': 'a{{ $decodeUrlComponent(trigger.nul) }}', 'recipient': 'ann'}},
            """
                    .replace("trigger.nul", "\\\"%00\\\"")
                + GOOD);
    assertThat(statuses(execution)).containsEntry("e", "FAILED").containsEntry("good", "COMPLETED");
    assertThat(step(execution, "e").at("/error/code").textValue()).isEqualTo("expression_error");
  }
}
