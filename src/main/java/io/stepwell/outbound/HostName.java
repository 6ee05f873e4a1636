package io.stepwell.outbound;

import java.util.regex.Pattern;

/** The grammar of host names: ASCII labels, no trailing dot, nothing that could be a number. */
final class HostName {

  // The underscore is no part of RFC 1123 but of many names in private networks.
  private static final Pattern NAME =
      Pattern.compile("[a-z0-9_]([a-z0-9_-]{0,62})(\\.[a-z0-9_]([a-z0-9_-]{0,62}))*");

  // Where the last label is a number, URL parsers and the C library read an IPv4 address
  // (https://url.spec.whatwg.org/#ends-in-a-number-checker).
  private static final Pattern ENDS_IN_A_NUMBER =
      Pattern.compile("(.*\\.)?(\\d+|0x[0-9a-f]*)", Pattern.DOTALL);

  private HostName() {}

  /** Whether a lower-case text is a name that only a resolver can turn into an address. */
  static boolean isName(String text) {
    return text.length() <= 253
        && NAME.matcher(text).matches()
        && !ENDS_IN_A_NUMBER.matcher(text).matches();
  }
}
