package io.stepwell.outbound;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Reads the one canonical way of writing an address: four decimal numbers without leading zeros, or
 * RFC 4291 text without a zone. The other spellings that the C library takes (octal, hexadecimal,
 * fewer numbers, IPv4-mapped) exist here only to be refused.
 */
final class IpLiteral {

  private static final String BYTE = "(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
  private static final Pattern V4 = Pattern.compile(BYTE + "(\\." + BYTE + "){3}");
  private static final Pattern V6 = Pattern.compile("[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");

  private IpLiteral() {}

  static Optional<InetAddress> parse(String text) {
    return v4(text).or(() -> v6(text));
  }

  static Optional<InetAddress> v4(String text) {
    if (!V4.matcher(text).matches()) {
      return Optional.empty();
    }
    String[] parts = text.split("\\.", -1);
    byte[] bytes = new byte[parts.length];
    for (int i = 0; i < parts.length; i++) {
      bytes[i] = (byte) Integer.parseInt(parts[i]);
    }
    return Optional.of(of(bytes));
  }

  static Optional<InetAddress> v6(String text) {
    if (!V6.matcher(text).matches()) {
      return Optional.empty();
    }
    try {
      // an IPv4-mapped text becomes an Inet4Address
      return Optional.of(Inet6Address.ofLiteral(text)).filter(Inet6Address.class::isInstance);
    } catch (IllegalArgumentException notAnAddress) {
      return Optional.empty();
    }
  }

  /** The address of 4 or 16 bytes. */
  static InetAddress of(byte[] bytes) {
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException wrongLength) {
      throw new IllegalArgumentException("neither 4 nor 16 bytes", wrongLength);
    }
  }
}
