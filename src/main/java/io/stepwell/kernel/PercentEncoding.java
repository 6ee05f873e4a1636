package io.stepwell.kernel;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/** Writes text for a path or a query, where a plus sign does not mean a space. */
public final class PercentEncoding {
  private PercentEncoding() {}

  /** The text with every character encoded that could mean something in an address. */
  public static String of(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
