package io.stepwell.expression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RegexTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '§',
      value = {
        "b§abc§true",
        "^b§abc§false",
        "^abc$§abc§true",
        "^a{2,3}$§aaa§true",
        "(?i)ABC§xabcx§true",
        "\\d{4}-\\d{2}-\\d{2}§on 2026-11-22§true",
        "[[:alpha:](]{2}§a(§true",
        "[]a]{2}§]a§true",
        "[^]a]b§cb§true",
        "[\\]]{1}§]§true",
        "a{§b{§false",
        "a{x}§a{x}§true",
        "(?:x{100}){10}§x§false",
        "\\pL+@\\pL+\\.\\pL{2,63}§me@example.org§true",
        "''§''§true"
      })
  void a_pattern_is_found_anywhere(String pattern, String text, boolean expected) {
    assertThat(Regex.compile(pattern).find(text)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "(",
        "[a",
        "a**",
        "(?<=a)b",
        "\\1(a)",
        "x{1001}",
        "((a{1000}){1000}){1000}",
        "((x{1000})[[:alpha:](]){1000}",
        "(?:(?:a|b{500}){50}){5}",
        "((((a{10}){10}){10}){10}){10}",
        ")(",
        "a{2}{3}",
        "((x{1000}))+{1000}"
      })
  void a_pattern_that_is_wrong_or_too_large_is_refused(String pattern) {
    long start = System.nanoTime();

    assertThatThrownBy(() -> Regex.compile(pattern)).isInstanceOf(ExpressionException.class);

    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(30));
  }

  @Test
  void the_length_of_a_pattern_is_bounded() {
    assertThat(Regex.compile("a".repeat(1024)).find("a")).isFalse();
    assertThatThrownBy(() -> Regex.compile("a".repeat(1025)))
        .hasMessageContaining("longer than 1024");
    assertThatThrownBy(() -> Regex.compile("(".repeat(512) + ")".repeat(512)))
        .hasMessageContaining("nested");
  }

  @Test
  void what_takes_a_backtracking_engine_for_ever_takes_no_time() {
    assertThat(Regex.compile("^(a+)+$").find("a".repeat(50_000) + "b")).isFalse();
  }

  @Test
  void a_large_pattern_on_a_long_text_fails_soon() {
    Regex regex = Regex.compile("(?:(?:a?){50}(?:.?){50}){15}b$");
    long start = System.nanoTime();

    assertThatThrownBy(() -> regex.find("a".repeat(1_000_000)))
        .isInstanceOf(ExpressionException.class)
        .hasMessageContaining("too long");

    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(30));
  }
}
