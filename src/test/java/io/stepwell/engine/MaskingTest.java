package io.stepwell.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.stepwell.kernel.Json;
import java.util.Set;
import org.junit.jupiter.api.Test;

class MaskingTest {
  private static JsonNode json(String text) {
    return Json.read(text.replace('\'', '"'));
  }

  @Test
  void a_secret_is_masked_wherever_it_stands() {
    Masking masking = new Masking(Set.of("hunter2"));
    assertThat(masking.of(json("{'a': ['hunter2', {'my hunter2!': 'x hunter2hunter2'}], 'n': 2}")))
        .isEqualTo(json("{'a': ['***', {'my ***!': 'x ******'}], 'n': 2}"));
    assertThat(masking.of("failed with hunter2")).isEqualTo("failed with ***");
  }

  @Test
  void what_is_no_string_stays_as_it_is() {
    Masking masking = new Masking(Set.of("1", ""));
    assertThat(masking.of(json("{'n': 1.10, 'b': true, 'z': null, 'e': {}, 'l': []}")))
        .isEqualTo(json("{'n': 1.10, 'b': true, 'z': null, 'e': {}, 'l': []}"));
    assertThat(masking.of((JsonNode) null)).isNull();
  }

  @Test
  void what_the_database_cannot_store_is_replaced() {
    Masking masking = new Masking(Set.of());
    assertThat(masking.of("a\0b\ud800c\udc00d")).isEqualTo("a\ufffdb\ufffdc\ufffdd");
    assertThat(masking.of("\ud83d\ude00")).isEqualTo("\ud83d\ude00");
    assertThat(masking.of("\ud800")).isEqualTo("\ufffd");
    assertThat(masking.of(Json.object().put("\0", "\0")))
        .isEqualTo(Json.object().put("\ufffd", "\ufffd"));
  }
}
