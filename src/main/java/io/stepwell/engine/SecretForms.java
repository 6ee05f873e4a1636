package io.stepwell.engine;

import io.stepwell.kernel.Json;
import io.stepwell.kernel.PercentEncoding;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/** The forms in which a secret may come back, or be sent on by whoever was given it. */
final class SecretForms {
  /** A form that is shorter says nothing of the secret, and would mask what is not one. */
  private static final int SHORTEST_ENCODED = 6;

  private SecretForms() {}

  /**
   * The secrets as they are, percent-encoded, escaped for JSON, in hexadecimal and in Base64; the
   * longest first, so that none is cut by a part of it.
   */
  static List<String> of(Set<String> secrets) {
    Set<String> forms =
        new TreeSet<>(
            Comparator.comparingInt(String::length).reversed().thenComparing(form -> form));
    for (String secret : secrets) {
      if (!secret.isEmpty()) {
        forms.add(secret);
        addEncoded(forms, secret);
      }
    }
    return List.copyOf(forms);
  }

  private static void addEncoded(Set<String> forms, String secret) {
    byte[] bytes = secret.getBytes(StandardCharsets.UTF_8);
    String form = URLEncoder.encode(secret, StandardCharsets.UTF_8);
    String percent = PercentEncoding.of(secret);
    String json = Json.write(Json.array().add(secret));
    String hex = HexFormat.of().formatHex(bytes);
    List<String> encoded =
        List.of(
            form,
            percent,
            lowerEscapes(percent),
            json.substring(2, json.length() - 2),
            hex,
            hex.toUpperCase(Locale.ROOT));
    encoded.stream().filter(text -> text.length() >= SHORTEST_ENCODED).forEach(forms::add);
    // whatever stands before it, such as the user of a Basic credential
    for (int before = 0; before < 3; before++) {
      addBase64(forms, bytes, before);
    }
  }

  private static String lowerEscapes(String percent) {
    StringBuilder text = new StringBuilder(percent);
    for (int at = text.indexOf("%"); at >= 0; at = text.indexOf("%", at + 3)) {
      text.replace(at, at + 3, text.substring(at, at + 3).toLowerCase(Locale.ROOT));
    }
    return text.toString();
  }

  /** The characters that depend on the secret alone, when so many bytes stand before it. */
  private static void addBase64(Set<String> forms, byte[] secret, int before) {
    byte[] bytes = new byte[before + secret.length];
    System.arraycopy(secret, 0, bytes, before, secret.length);
    int from = (before * 8 + 5) / 6;
    int to = bytes.length * 8 / 6;
    if (to - from >= SHORTEST_ENCODED) {
      forms.add(Base64.getEncoder().encodeToString(bytes).substring(from, to));
      forms.add(Base64.getUrlEncoder().encodeToString(bytes).substring(from, to));
    }
  }
}
