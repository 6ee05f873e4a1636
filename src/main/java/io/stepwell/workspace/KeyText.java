package io.stepwell.workspace;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.regex.Pattern;

/** The texts that are shown to a client once, and of which only a hash is stored. */
final class KeyText {
  private static final String ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789";
  private static final int PREFIX_LENGTH = 8;
  private static final int SECRET_BYTES = 32;
  private static final Pattern API_KEY = Pattern.compile("sw_[a-z0-9]{8}_[A-Za-z0-9_-]{43}");

  private KeyText() {}

  /** A new API key: {@code sw_<prefix>_<secret>}. */
  static String newApiKey() {
    StringBuilder prefix = new StringBuilder();
    new SecureRandom()
        .ints(PREFIX_LENGTH, 0, ALPHABET.length())
        .forEach(i -> prefix.append(ALPHABET.charAt(i)));
    return "sw_" + prefix + "_" + secret();
  }

  static String newTicket() {
    return "st_" + secret();
  }

  static boolean isApiKey(String text) {
    return API_KEY.matcher(text).matches();
  }

  /** The part of an API key that is no secret. */
  static String prefix(String apiKey) {
    return apiKey.substring(3, 3 + PREFIX_LENGTH);
  }

  // 256 random bits need no salt and no slow hash
  static byte[] hash(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  private static String secret() {
    byte[] bytes = new byte[SECRET_BYTES];
    new SecureRandom().nextBytes(bytes);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
