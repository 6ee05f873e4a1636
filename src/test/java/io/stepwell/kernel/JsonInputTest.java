package io.stepwell.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.node.MissingNode;
import java.time.Instant;
import java.util.Locale;
import org.junit.jupiter.api.Test;

class JsonInputTest {
  private enum Colour {
    RED,
    BLUE
  }

  @Test
  void members_are_read_by_their_types() {
    JsonInput input =
        of(
            """
            {"text": "t", "whole": 7, "number": 1.5, "flag": true, "colour": "red",
             "time": "2026-11-22T19:44:15.123Z", "object": {"x": 1}, "list": [{"a": "1"}]}
            """);
    assertThat(input.text("text", 5)).contains("t");
    assertThat(input.integer("whole", 0, 10)).contains(7L);
    assertThat(input.number("number", 0, 10)).contains(1.5);
    assertThat(input.flag("flag")).contains(true);
    assertThat(input.choice("colour", Colour.class, c -> c.name().toLowerCase(Locale.ROOT)))
        .contains(Colour.RED);
    assertThat(input.time("time")).contains(Instant.parse("2026-11-22T19:44:15.123Z"));
    assertThat(input.object("object").orElseThrow().size()).isEqualTo(1);
    JsonInput element = input.list("list").orElseThrow().getFirst();
    assertThat(element.requiredText("a", 3)).isEqualTo("1");
    element.end();
    input.finish();
  }

  @Test
  void everything_wrong_is_told_at_once_each_with_its_pointer() {
    JsonInput input =
        of(
            """
            {"text": 1, "long": "123456", "whole": 1.5, "far": 99, "flag": "true", "colour": "green",
             "time": "today", "list": [{"a/b": 1}, 2], "strange": 1}
            """);
    input.text("text", 5);
    input.text("long", 5);
    input.integer("whole", 0, 10);
    input.integer("far", 0, 10);
    input.flag("flag");
    input.choice("colour", Colour.class, Colour::name);
    input.time("time");
    input.list("list").orElseThrow().forEach(JsonInput::end);
    input.requiredText("missing", 5);
    Failure failure = catchThrowableOfType(Failure.class, input::finish);
    assertThat(failure.kind()).isEqualTo(Failure.Kind.MALFORMED);
    assertThat(failure.problems())
        .extracting(Problem::pointer)
        .containsExactlyInAnyOrder(
            "/text",
            "/long",
            "/whole",
            "/far",
            "/flag",
            "/colour",
            "/time",
            "/list/1",
            "/list/0/a~1b",
            "/missing",
            "/strange");
  }

  @Test
  void null_is_absent() {
    JsonInput input = of("{\"text\": null}");
    assertThat(input.text("text", 5)).isEmpty();
    assertThat(input.has("text")).isFalse();
    input.finish();
  }

  @Test
  void a_wrong_value_is_of_the_asked_kind_and_a_wrong_shape_is_malformed() {
    JsonInput value = of("{\"text\": \" \"}");
    value.text("text", 5);
    assertThat(catchThrowableOfType(Failure.class, () -> value.finish(Failure.Kind.INVALID, "bad")))
        .satisfies(f -> assertThat(f.kind()).isEqualTo(Failure.Kind.INVALID))
        .satisfies(f -> assertThat(f.code()).isEqualTo("bad"));
    JsonInput shape = of("{\"text\": \" \", \"unknown\": 1}");
    shape.text("text", 5);
    assertThat(catchThrowableOfType(Failure.class, () -> shape.finish(Failure.Kind.INVALID, "bad")))
        .satisfies(f -> assertThat(f.kind()).isEqualTo(Failure.Kind.MALFORMED));
  }

  @Test
  void length_is_counted_in_characters_and_not_in_surrogates() {
    JsonInput input = of("{\"text\": \"😀😀\"}");
    assertThat(input.text("text", 2)).contains("😀😀");
    input.finish();
  }

  @Test
  void a_body_that_is_no_object_is_malformed() {
    assertThatExceptionOfType(Failure.class)
        .isThrownBy(() -> JsonInput.of(Json.array()))
        .satisfies(f -> assertThat(f.kind()).isEqualTo(Failure.Kind.MALFORMED));
    assertThatExceptionOfType(Failure.class)
        .isThrownBy(() -> JsonInput.of(MissingNode.getInstance()))
        .withMessageContaining("missing");
  }

  @Test
  void a_whole_number_beyond_a_long_is_refused() {
    JsonInput input = of("{\"n\": 99999999999999999999}");
    assertThat(input.integer("n", 0, Long.MAX_VALUE)).isEmpty();
    assertThatExceptionOfType(Failure.class).isThrownBy(input::finish);
  }

  private static JsonInput of(String text) {
    return JsonInput.of(Json.read(text));
  }
}
