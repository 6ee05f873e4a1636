package io.stepwell.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.stepwell.action.Effect;
import io.stepwell.kernel.Json;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

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

  static Stream<Function<String, String>> forms() {
    return Stream.of(
        secret -> secret,
        secret -> base64(secret),
        secret -> base64("a:" + secret),
        secret -> base64("user:" + secret + "!"),
        secret -> base64("me:" + secret),
        secret -> Base64.getUrlEncoder().encodeToString(bytes("~" + secret + "??>>")),
        secret -> URLEncoder.encode(secret, StandardCharsets.UTF_8),
        secret -> URLEncoder.encode(secret, StandardCharsets.UTF_8).replace("+", "%20"),
        secret ->
            Pattern.compile("%..")
                .matcher(URLEncoder.encode(secret, StandardCharsets.UTF_8).replace("+", "%20"))
                .replaceAll(escape -> escape.group().toLowerCase(Locale.ROOT)),
        secret -> Json.write(Json.object().put("in", secret)),
        secret -> HexFormat.of().formatHex(bytes(secret)),
        secret -> HexFormat.of().withUpperCase().formatHex(bytes(secret)));
  }

  @ParameterizedTest
  @MethodSource("forms")
  void a_secret_is_masked_in_every_form(Function<String, String> form) {
    for (String secret : List.of("s3cr3t \"pässword\"/+?", "tok_4f7a9c", "ÿþÿþÿþ")) {
      String text = "before " + form.apply(secret) + " behind";
      String masked = new Masking(Set.of(secret)).of(text);

      assertThat(masked).startsWith("before ").endsWith(" behind").contains("***");
      assertThat(unmasked(masked))
          .as("what is left, with what stood around it")
          .isLessThanOrEqualTo(16);
    }
  }

  /** How many characters around the mask are still those of the text, without what frames it. */
  private static int unmasked(String masked) {
    return masked
        .replace("***", "")
        .replaceAll("^before (\\{\"in\":\")?|(\"})? behind$", "")
        .length();
  }

  @Test
  void the_beginning_of_a_secret_at_the_end_of_a_text_is_masked() {
    Masking masking = new Masking(Set.of("tok_4f7a9c_long_secret"));

    assertThat(masking.of("cut in tok_4f7a9c_lo")).isEqualTo("cut in ***");
    assertThat(masking.of("tok_4f7a9c_long_secre")).isEqualTo("***");
    assertThat(masking.of("a word: tok_")).isEqualTo("a word: tok_");
  }

  @Test
  void a_longer_secret_is_masked_whole_where_a_shorter_one_is_a_part_of_it() {
    assertThat(new Masking(Set.of("abcdef", "xx-abcdef-yy")).of("xx-abcdef-yy abcdef"))
        .isEqualTo("*** ***");
  }

  @Test
  void what_a_step_writes_into_the_inbox_is_masked() {
    Masking masking = new Masking(Set.of("hunter2!"));

    assertThat(
            masking.of(
                new Effect.CreateNotification(
                    ID, "webhook", "ann", null, "it is hunter2!", "https://h/hunter2!", AT)))
        .isEqualTo(
            new Effect.CreateNotification(
                ID, "webhook", "ann", null, "it is ***", "https://h/***", AT));
    assertThat(
            masking.of(new Effect.CreateTask(ID, "hunter2!", "d", "high", "hunter2!", null, true)))
        .isEqualTo(new Effect.CreateTask(ID, "***", "d", "high", "***", null, true));
  }

  private static final UUID ID = new UUID(0, 1);
  private static final Instant AT = Instant.EPOCH;

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(bytes(text));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
