package io.stepwell.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "   ",
        "{",
        "{\"a\":1,\"a\":2}",
        "{} x",
        "{}{}",
        "{'a':1}",
        "{\"a\":01}",
        "{\"a\":NaN}",
        "{\"a\":1,}",
        "// comment\n{}",
        "{\"a\":\"\t\"}",
        "{\"a\":1e9999999999}",
      })
  void what_is_no_strict_json_is_malformed(String text) {
    assertMalformed(text);
  }

  @Test
  void what_was_stored_is_put_into_an_answer_without_its_tree() {
    String stored = "{\"amount\":1.00,\"list\":[{},{},null]}";
    ObjectNode answer = Json.object();
    answer.set("triggerData", Json.asItIs(stored));

    assertThat(Json.write(answer)).isEqualTo("{\"triggerData\":" + stored + "}");
    assertThat(answer.path("triggerData").size()).isZero();
  }

  @Test
  void bytes_that_are_no_utf_8_are_malformed() {
    assertThatExceptionOfType(Failure.class)
        .isThrownBy(() -> Json.parse(new byte[] {'"', (byte) 0xC3, (byte) 0x28, '"'}))
        .satisfies(failure -> assertThat(failure.code()).isEqualTo("malformed_json"));
    assertThatExceptionOfType(Failure.class)
        .isThrownBy(() -> Json.parse("{}".getBytes(StandardCharsets.UTF_16LE)));
  }

  @Test
  void sixty_four_levels_are_the_most() {
    assertThat(parse("[".repeat(64) + "]".repeat(64)).isArray()).isTrue();
    assertMalformed("[".repeat(65) + "]".repeat(65));
  }

  @Test
  void a_hundred_digits_are_the_most() {
    String digits = "1234567890".repeat(10);
    assertThat(Json.write(parse(digits))).isEqualTo(digits);
    assertMalformed(digits + "1");
    assertMalformed("0." + digits + "1");
    assertMalformed("1".repeat(5000));
  }

  @ParameterizedTest
  @ValueSource(strings = {"1e999999", "-1e309", "1e-999999", "[0, {\"b\": 1e400}]"})
  void a_number_beyond_a_double_is_malformed(String text) {
    assertMalformed(text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"1e308", "-1.7976931348623157e308", "1e-308", "0e999", "4.9e-324"})
  void a_number_that_a_double_can_show_is_read(String text) {
    assertThat(parse(text).isNumber()).isTrue();
  }

  @Test
  void digits_survive_reading_and_writing() {
    String text = "{\"a\":1.10,\"b\":12345678901234567890.123,\"c\":0.0,\"d\":1E+5}";
    assertThat(Json.write(parse(text))).isEqualTo(text);
    assertThat(Json.write(Json.read(text))).isEqualTo(text);
  }

  @Test
  void text_that_cannot_be_stored_is_refused_with_every_pointer() {
    assertThatExceptionOfType(Failure.class)
        .isThrownBy(() ->
            parse(
                "{\"a\":\"\\u0000\",\"b/c\":[\"\\ud83d\"],\"ok\":\"\\ud83d\\ude00\",\"\\udc00\":1}"))
        .satisfies(failure ->
            assertThat(failure.problems())
                .extracting(Problem::pointer)
                .containsExactly("/a", "/b~1c/0", "/\udc00"));
  }

  private static void assertMalformed(String text) {
    assertThatExceptionOfType(Failure.class)
        .isThrownBy(() -> parse(text))
        .satisfies(failure -> assertThat(failure.kind()).isEqualTo(Failure.Kind.MALFORMED));
  }

  private static JsonNode parse(String text) {
    return Json.parse(text.getBytes(StandardCharsets.UTF_8));
  }
}
