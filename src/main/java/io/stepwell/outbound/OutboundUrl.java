package io.stepwell.outbound;

import io.stepwell.outbound.OutboundException.Reason;
import java.net.IDN;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads addresses as people and servers write them, and resolves one against another. */
public final class OutboundUrl {
  // RFC 3986 appendix B, with the scheme's own grammar
  private static final Pattern PARTS =
      Pattern.compile(
          "(?:(?<scheme>[A-Za-z][A-Za-z0-9+.-]*):)?(?://(?<authority>[^/?#]*))?(?<path>[^?#]*)"
              + "(?:\\?(?<query>[^#]*))?(?:#.*)?",
          Pattern.DOTALL);
  private static final Pattern HOST_BEYOND_ASCII =
      Pattern.compile("(?<host>[^\\[\\]:@\\p{Cntrl} ]*)(?<port>:[0-9]*)?");
  private static final Pattern ESCAPE = Pattern.compile("%[0-9A-Fa-f]{2}");
  private static final String ALSO_LEGAL = "-._~:/?#[]@!$&'()*+,;=";

  private OutboundUrl() {}

  /**
   * Reads an address; a host of another script than Latin becomes the ASCII name that it stands
   * for.
   *
   * @throws OutboundException {@code invalid_request} or {@code address_denied} where it can never
   *     be called; the message does not hold the address, which may hold a secret
   */
  public static URI parse(String text) throws OutboundException {
    URI uri;
    try {
      uri = new URI(inAscii(text));
    } catch (URISyntaxException e) {
      throw new OutboundException(
          Reason.INVALID_REQUEST,
          "the url is not a valid address: " + e.getReason() + " at character " + e.getIndex());
    }
    Target.of(uri);
    return uri;
  }

  private static String inAscii(String text) {
    Matcher parts = PARTS.matcher(text);
    if (!parts.matches() || parts.group("authority") == null) {
      return text;
    }
    String authority = parts.group("authority");
    return text.substring(0, parts.start("authority"))
        + hostInAscii(authority)
        + text.substring(parts.end("authority"));
  }

  private static String hostInAscii(String authority) {
    Matcher parts = HOST_BEYOND_ASCII.matcher(authority);
    if (authority.chars().allMatch(c -> c < 0x80) || !parts.matches()) {
      return authority;
    }
    String port = parts.group("port");
    try {
      return IDN.toASCII(parts.group("host"), IDN.USE_STD3_ASCII_RULES).toLowerCase(Locale.ROOT)
          + (port == null ? "" : port);
    } catch (IllegalArgumentException notAName) {
      return authority;
    }
  }

  /**
   * Where a reference leads (RFC 3986 section 5.2); characters that do not belong into an address
   * are percent-encoded, as browsers do. Empty where it cannot be read.
   *
   * @param reference a header's value, each of its bytes a character
   */
  static Optional<URI> resolve(URI base, String reference) {
    Matcher parts = PARTS.matcher(repaired(reference.strip()));
    if (!parts.matches()) {
      return Optional.empty();
    }
    String scheme = parts.group("scheme");
    String authority = parts.group("authority");
    String path = parts.group("path");
    String query = parts.group("query");
    if (scheme == null && authority == null) {
      if (path.isEmpty()) {
        query = query == null ? base.getRawQuery() : query;
        path = base.getRawPath();
      } else if (!path.startsWith("/")) {
        path = base.getRawPath().replaceFirst("[^/]*$", "") + path;
      }
      authority = base.getRawAuthority();
    }
    String text =
        (scheme == null ? base.getScheme() : scheme)
            + ":"
            + (authority == null ? "" : "//" + authority)
            + withoutDots(path)
            + (query == null ? "" : "?" + query);
    try {
      return Optional.of(new URI(text));
    } catch (URISyntaxException e) {
      return Optional.empty();
    }
  }

  private static String repaired(String reference) {
    StringBuilder text = new StringBuilder(reference.length());
    for (int at = 0; at < reference.length(); at++) {
      char c = reference.charAt(at);
      if (isLegal(c) || ESCAPE.matcher(reference).region(at, reference.length()).lookingAt()) {
        text.append(c);
      } else {
        text.append(String.format(Locale.ROOT, "%%%02X", c & 0xFF));
      }
    }
    return text.toString();
  }

  private static boolean isLegal(char c) {
    return c >= 'a' && c <= 'z'
        || c >= 'A' && c <= 'Z'
        || c >= '0' && c <= '9'
        || ALSO_LEGAL.indexOf(c) >= 0;
  }

  // RFC 3986 section 5.2.4
  private static String withoutDots(String path) {
    List<String> kept = new ArrayList<>();
    List<String> segments = List.of(path.split("/", -1));
    for (String segment : segments) {
      if (segment.equals("..")) {
        // the first is what stands before the first slash
        if (kept.size() > 1) {
          kept.removeLast();
        }
      } else if (!segment.equals(".")) {
        kept.add(segment);
      }
    }
    if (segments.getLast().equals(".") || segments.getLast().equals("..")) {
      kept.add("");
    }
    return String.join("/", kept);
  }
}
