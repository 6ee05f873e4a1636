package io.stepwell.http;

import static io.stepwell.TestWorkspace.ADMIN_KEY;
import static io.stepwell.TestWorkspace.as;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.Header;
import io.restassured.response.Response;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
class AnswerTest {

  @Test
  void times_have_milliseconds_nulls_are_there_and_no_digit_is_lost() {
    assertThat(as(ADMIN_KEY).get("/api/probe/values").asString())
        .isEqualTo(
            "{\"whole\":\"2026-11-22T19:44:15.000Z\",\"nanos\":\"2026-11-22T19:44:15.123Z\","
                + "\"nothing\":null,\"exact\":1.10,\"tree\":{\"n\":1.100}}");
  }

  @Test
  void an_answer_may_not_be_stored_unless_it_says_so() {
    assertThat(headers("/api/probe/values", "Cache-Control")).containsExactly("no-store");
    assertThat(headers("//api/probe/values", "Cache-Control")).containsExactly("no-store");
    assertThat(headers("/api/probe/cached", "Cache-Control")).containsExactly("max-age=60");
    assertThat(headers("/api/nothing", "Cache-Control")).containsExactly("no-store");
  }

  @Test
  void a_request_has_one_id_for_its_answer_and_its_log_lines() {
    Response answer = as(ADMIN_KEY).get("/api/probe/mdc");
    assertThat(answer.path("requestId").toString())
        .isNotBlank()
        .isEqualTo(answer.header("X-Request-Id"));
    assertThat(answer.<Boolean>path("virtual")).isTrue();
  }

  @Test
  void a_harmless_id_of_the_caller_is_kept() {
    as(ADMIN_KEY)
        .header("X-Request-Id", "trace:ab_1.2-3")
        .get("/api/probe/mdc")
        .then()
        .header("X-Request-Id", "trace:ab_1.2-3")
        .body("requestId", equalTo("trace:ab_1.2-3"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"a b", "ü", "<script>", "x\ty"})
  void an_id_that_could_spoil_a_log_is_replaced(String id) {
    assertThat(
            as(ADMIN_KEY).header("X-Request-Id", id).get("/api/probe/mdc").header("X-Request-Id"))
        .matches("[0-9a-f-]{36}");
  }

  @Test
  void an_id_that_is_too_long_is_replaced() {
    assertThat(
            as(ADMIN_KEY)
                .header("X-Request-Id", "x".repeat(129))
                .get("/api/probe/mdc")
                .header("X-Request-Id"))
        .matches("[0-9a-f-]{36}");
  }

  private static List<String> headers(String path, String name) {
    return as(ADMIN_KEY).get(path).headers().getList(name).stream().map(Header::getValue).toList();
  }
}
