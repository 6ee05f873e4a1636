package io.stepwell.action.builtin;

import static io.stepwell.action.builtin.Steps.step;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stepwell.action.ActionFailure;
import io.stepwell.action.ActionResult;
import io.stepwell.kernel.Json;
import io.stepwell.kernel.Problem;
import io.vertx.core.Vertx;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.assertj.core.api.ObjectAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class CallApiTest {
  private static final Map<String, List<String>> JSON =
      Map.of("Content-Type", List.of("application/json"));

  private static Vertx vertx;
  private static CallApi handler;

  private StubServer server;

  @BeforeAll
  static void startVertx() {
    vertx = Vertx.vertx();
    handler = new CallApi(StubServer.client(vertx), Steps.TIME);
  }

  @AfterAll
  static void stopVertx() {
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }

  @BeforeEach
  void start() throws IOException {
    server = new StubServer();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void a_request_carries_what_the_config_says_and_names_its_step() throws Exception {
    call(
        """
        {'method': 'post', 'headers': {'Authorization': 'Bearer token'},
         'body': {'data': 'välue'}}
        """);

    StubServer.Seen seen = server.only();
    assertThat(seen.method()).isEqualTo("POST");
    assertThat(seen.body()).isEqualTo("{\"data\":\"välue\"}");
    assertThat(seen.header("authorization")).isEqualTo("Bearer token");
    assertThat(seen.header("content-type")).isEqualTo("application/json");
    assertThat(seen.header("idempotency-key")).isEqualTo(Steps.KEY);
    assertThat(seen.header("traceparent"))
        .matches("00-019a0000000070008000000000000003-[0-9a-f]{16}-01");
  }

  @Test
  void headers_of_the_config_take_the_place_of_those_that_are_added() throws Exception {
    call(
        """
        {'method': 'POST', 'body': [1],
         'headers': {'idempotency-key': 'mine', 'TraceParent': 'own', 'content-type': 'a/b'}}
        """);

    StubServer.Seen seen = server.only();
    assertThat(seen.header("idempotency-key")).isEqualTo("mine");
    assertThat(seen.header("traceparent")).isEqualTo("own");
    assertThat(seen.header("content-type")).isEqualTo("a/b");
  }

  @Test
  void a_header_without_a_value_is_left_out() throws Exception {
    call("{'headers': {'X-There': 'yes', 'X-Absent': null}}");

    assertThat(server.only().header("x-there")).isEqualTo("yes");
    assertThat(server.only().header("x-absent")).isNull();
  }

  @Test
  void credentials_of_an_answer_are_not_stored() throws Exception {
    server.answers(
        200,
        Map.of(
            "Set-Cookie", List.of("session=secret"),
            "Authorization", List.of("Bearer secret"),
            "X-Other", List.of("stays")),
        "");

    JsonNode output = call("{}");

    assertThat(output.at("/headers/x-other").asText()).isEqualTo("stays");
    assertThat(Json.write(output)).doesNotContain("secret");
  }

  @Test
  void a_compressed_answer_is_read_as_what_it_means() throws Exception {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream packing = new GZIPOutputStream(packed)) {
      packing.write("{\"id\":7}".getBytes(StandardCharsets.UTF_8));
    }
    server.answers(
        200,
        Map.of("Content-Type", List.of("application/json"), "Content-Encoding", List.of("gzip")),
        packed.toByteArray());

    assertThat(call("{}").at("/body/id").intValue()).isEqualTo(7);
    assertThat(server.only().header("accept-encoding")).isEqualTo("gzip, deflate");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://user:pw@host.example/",
        "http://host.example/a b",
        "http://host.example:99999/{{ trigger.id }}",
        "http://127.1/",
        "https://{{ trigger.region }}.ex ample/",
      })
  void an_address_that_can_never_be_called_is_a_problem_at_save(String url) {
    ObjectNode config = Json.object().put("url", url);

    assertThat(handler.problems(config, "/actions/0/config"))
        .singleElement()
        .returns("/actions/0/config/url", Problem::pointer);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://host.example/",
        "https://münchen.example/{{ trigger.id }}?q={{ trigger.q }}",
        "https://{{ trigger.region }}.example:{{ trigger.port }}/",
        "{{ trigger.url }}",
        "{{ trigger.base }}/a b",
        "http://10.0.0.1/",
      })
  void an_address_that_may_be_called_one_day_is_none(String url) {
    assertThat(handler.problems(Json.object().put("url", url), "/config")).isEmpty();
  }

  @Test
  void a_string_is_sent_as_it_is() throws Exception {
    call("{'method': 'PUT', 'body': 'a=1&b=2'}");

    assertThat(server.only().body()).isEqualTo("a=1&b=2");
    assertThat(server.only().header("content-type")).isEqualTo("text/plain; charset=utf-8");
  }

  @Test
  void without_a_body_nothing_is_said_of_its_type() throws Exception {
    call("{'body': null}");

    assertThat(server.only().method()).isEqualTo("GET");
    assertThat(server.only().body()).isEmpty();
    assertThat(server.only().header("content-type")).isNull();
  }

  @Test
  void the_query_is_encoded_and_follows_the_one_of_the_address() throws Exception {
    ObjectNode config =
        Steps.json(
            "{'query': {'q': 'a b&c=ü+', 'n': 1.50, 'on': true, 'tag': ['x', 'y'], 'no': null}}");
    handler.handle(step(config.put("url", server.url() + "/find?a=1#part")));

    assertThat(server.only().uri())
        .isEqualTo("/find?a=1&q=a%20b%26c%3D%C3%BC%2B&n=1.50&on=true&tag=x&tag=y");
  }

  @Test
  void the_output_has_status_headers_body_and_duration() throws Exception {
    server.answers(
        201,
        Map.of("Content-Type", List.of("application/json"), "X-Many", List.of("a", "b")),
        "{\"id\": 12345678901234567890.10}");

    JsonNode output = call("{}");

    assertThat(output.properties())
        .extracting(Map.Entry::getKey)
        .containsExactly("status", "headers", "body", "durationMs");
    assertThat(output.path("status").intValue()).isEqualTo(201);
    assertThat(output.at("/headers/x-many").textValue()).isEqualTo("a, b");
    assertThat(Json.write(output.path("body"))).isEqualTo("{\"id\":12345678901234567890.10}");
    assertThat(output.path("durationMs").longValue()).isBetween(0L, 60_000L);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "application/json                | [1, 2]           | [1,2]",
        "Application/Problem+JSON;v=1    | {\"a\": null}    | {\"a\":null}",
        "application/json                | {\"a\":1,\"a\":2} | \"{\\\"a\\\":1,\\\"a\\\":2}\"",
        "application/json                | not json         | \"not json\"",
        "text/plain                      | [1, 2]           | \"[1, 2]\"",
        "text/plain; charset=no-such-one | ä                | \"ä\"",
      })
  void a_json_body_is_parsed_and_another_is_text(String type, String body, String expected)
      throws Exception {
    server.answers(200, Map.of("Content-Type", List.of(type)), body);

    assertThat(Json.write(call("{}").path("body"))).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {"{\"a\": 1} | {\"a\":1}", "12 | \"12\""})
  void a_body_of_no_stated_type_is_json_when_it_looks_so(String body, String expected)
      throws Exception {
    server.answers(200, Map.of(), body);

    assertThat(Json.write(call("{}").path("body"))).isEqualTo(expected);
  }

  @Test
  void text_is_decoded_by_its_charset() throws Exception {
    byte[] body = "Grüße".getBytes(StandardCharsets.ISO_8859_1);
    server.answers(
        200, Map.of("Content-Type", List.of("text/plain; charset=\"iso-8859-1\"")), body);

    assertThat(call("{}").path("body").textValue()).isEqualTo("Grüße");
  }

  @Test
  void bytes_that_are_no_text_become_base64() throws Exception {
    server.answers(200, Map.of(), new byte[] {(byte) 0xff, 0, 1});
    assertThat(call("{}").path("body").textValue()).isEqualTo("/wAB");

    server.answers(200, Map.of("Content-Type", List.of("text/plain")), new byte[] {'a', 0});
    assertThat(call("{}").path("body").textValue()).isEqualTo("YQA=");
  }

  @Test
  void no_body_is_null() throws Exception {
    server.answers(204, JSON, "");

    assertThat(call("{}").path("body").isNull()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "400, false", "401, false", "404, false", "408, true", "409, false", "425, true",
    "429, true", "500, true", "501, true", "503, true", "304, false", "302, false"
  })
  void a_status_that_is_no_success_fails_and_says_whether_a_retry_can_help(
      int status, boolean retryable) {
    server.answers(status, Map.of(), "");

    assertFails("{}")
        .returns("http_status", ActionFailure::code)
        .returns(retryable, ActionFailure::retryable)
        .returns("The server answered " + status + ".", ActionFailure::getMessage);
  }

  @Test
  void the_failure_shows_the_first_500_characters_of_the_body() {
    server.answers(404, Map.of("Content-Type", List.of("text/plain")), "x".repeat(501));

    assertFails("{}")
        .returns("The server answered 404: " + "x".repeat(500), ActionFailure::getMessage);
  }

  @Test
  void the_excerpt_of_the_body_has_no_half_character() {
    server.answers(404, Map.of(), "x".repeat(499) + "😀");

    assertFails("{}")
        .returns("The server answered 404: " + "x".repeat(499), ActionFailure::getMessage);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "7                              | PT7S",
        "0                              | PT0S",
        "999999999                      | PT8784H",
        "Sun, 22 Nov 2026 19:44:45 GMT  | PT29.877S",
        "Sun, 22 Nov 2026 19:44:00 GMT  |",
        "99999999999                    | PT8784H",
        "-1                             |",
        "soon                           |",
      })
  void retry_after_is_handed_on(String header, Duration expected) {
    server.answers(429, Map.of("Retry-After", List.of(header)), "");

    ActionFailure failure = catchThrowableOfType(ActionFailure.class, () -> call("{}"));

    assertThat(failure.retryable()).isTrue();
    assertThat(failure.retryAfter().orElse(null)).isEqualTo(expected);
  }

  @Test
  void success_is_what_the_config_says() throws Exception {
    String config = "{'successStatus': ['2XX', '404', '410-412', 418]}";
    for (int status : List.of(204, 404, 410, 412, 418)) {
      server.answers(status, Map.of(), "");
      assertThat(call(config).path("status").intValue()).isEqualTo(status);
    }
    for (int status : List.of(403, 409, 413, 417)) {
      server.answers(status, Map.of(), "");
      assertFails(config).returns("http_status", ActionFailure::code);
    }
  }

  @Test
  void redirects_are_followed_when_asked_for() throws Exception {
    // answers every request alike, so the sixth redirect is the end
    server.answers(302, Map.of("Location", List.of("/next")), "");

    assertThat(call("{'successStatus': ['302']}").path("status").intValue()).isEqualTo(302);
    assertThat(server.seen()).hasSize(1);
    call("{'successStatus': ['302'], 'followRedirects': true}");
    assertThat(server.seen()).hasSize(1 + 6);
  }

  @Test
  void a_response_that_is_too_large_fails_for_good() throws Exception {
    server.answers(200, Map.of(), "12345");

    assertThat(call("{'maxResponseBytes': 5}").path("body").textValue()).isEqualTo("12345");
    assertFails("{'maxResponseBytes': 4}")
        .returns("response_too_large", ActionFailure::code)
        .returns(false, ActionFailure::retryable);
  }

  @Test
  void a_response_with_more_values_than_there_is_memory_for_fails_for_good() throws Exception {
    server.answers(200, JSON, "[{}" + ",{}".repeat(50_000) + "]");
    CallApi small = new CallApi(StubServer.client(vertx), Steps.TIME, 1 << 20);

    assertFailure(() -> small.handle(step("{'url': '" + server.url() + "'}")))
        .returns("response_too_large", ActionFailure::code)
        .returns(false, ActionFailure::retryable);
    assertThat(call("{}").path("body")).hasSize(50_001);
  }

  @Test
  void a_connection_that_fails_can_be_tried_again() {
    String url = server.url();
    server.close();

    assertFailure(() -> handler.handle(step("{'url': '" + url + "'}")))
        .returns("connect_failed", ActionFailure::code)
        .returns(true, ActionFailure::retryable);
  }

  @Test
  void an_address_that_is_not_public_is_denied() {
    CallApi guarded = new CallApi(StubServer.client(vertx, "allowed.example"), Steps.TIME);

    assertFailure(() -> guarded.handle(step("{'url': '" + server.url() + "'}")))
        .returns("address_denied", ActionFailure::code)
        .returns(false, ActionFailure::retryable);
    assertThat(server.seen()).isEmpty();
  }

  @Test
  void an_address_that_cannot_be_read_is_not_repeated_in_the_failure() {
    assertFailure(() -> handler.handle(step("{'url': 'https://example.org/a secret'}")))
        .returns("invalid_request", ActionFailure::code)
        .returns(false, ActionFailure::retryable)
        .satisfies(failure -> assertThat(failure).hasMessageNotContaining("secret"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'url': 'https://api.example.com'}",
        "{'url': 'HTTP://api.example.com', 'method': 'get', 'headers': null, 'body': null}",
        "{'url': 'https://a.example', 'successStatus': ['2xx', '200', '200-204', 200]}",
        "{'url': 'https://a.example', 'query': {'a': [1, 'x', null]}, 'maxResponseBytes': 4194304}",
      })
  void a_right_config_passes(String config) {
    assertThat(Steps.violations(handler, config)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{}                                                                | /url",
        "{'url': 'ftp://a.example'}                                        | /url",
        "{'url': '/path'}                                                  | /url",
        "{'url': 'https://a.example', 'method': 'FETCH'}                   | /method",
        "{'url': 'https://a.example', 'headers': {'X': 1}}                 | /headers/X",
        "{'url': 'https://a.example', 'query': {'a': {}}}                  | /query/a",
        "{'url': 'https://a.example', 'successStatus': ['ok']}             | /successStatus/0",
        "{'url': 'https://a.example', 'successStatus': []}                 | /successStatus",
        "{'url': 'https://a.example', 'successStatus': [600]}              | /successStatus/0",
        "{'url': 'https://a.example', 'maxResponseBytes': 4194305}         | /maxResponseBytes",
        "{'url': 'https://a.example', 'maxResponseBytes': 0}               | /maxResponseBytes",
        "{'url': 'https://a.example', 'timeout': 5}                        | /timeout",
      })
  void a_wrong_config_is_told_where(String config, String pointer) {
    assertThat(Steps.violations(handler, config)).containsExactly(pointer);
  }

  @Test
  void expressions_may_stand_for_values_of_every_kind() {
    String config =
        """
        {'url': '{{ secrets.BASE }}/users', 'method': '{{ trigger.m }}',
         'headers': '{{ trigger.h }}', 'query': {'a': '{{ trigger.q }}'},
         'successStatus': ['{{ trigger.s }}'], 'followRedirects': '{{ trigger.f }}',
         'maxResponseBytes': '{{ trigger.max }}'}
        """;

    assertThat(Steps.staticViolations(handler, config)).isEmpty();
  }

  private JsonNode call(String config) throws InterruptedException {
    ActionResult result = handler.handle(step(Steps.json(config).put("url", server.url())));
    return ((ActionResult.Success) result).output();
  }

  private ObjectAssert<ActionFailure> assertFails(String config) {
    return assertFailure(() -> call(config));
  }

  private static ObjectAssert<ActionFailure> assertFailure(ThrowingCallable attempt) {
    ActionFailure failure = catchThrowableOfType(ActionFailure.class, attempt);
    assertThat(failure).isNotNull();
    return new ObjectAssert<>(failure);
  }
}
