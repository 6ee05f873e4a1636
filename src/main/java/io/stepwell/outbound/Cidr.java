package io.stepwell.outbound;

import java.net.InetAddress;
import java.util.Arrays;

/**
 * A network such as {@code 10.0.0.0/8} or {@code fc00::/7}; a lone address is a network of one. It
 * holds plain bytes, since a native executable may carry no address that was made at its build.
 */
record Cidr(byte[] network, int prefix) {

  /**
   * Reads a network.
   *
   * @throws IllegalArgumentException when it is none, or has bits set behind its prefix
   */
  static Cidr parse(String text) {
    int slash = text.indexOf('/');
    String literal = slash < 0 ? text : text.substring(0, slash);
    byte[] network =
        IpLiteral.parse(literal)
            .map(InetAddress::getAddress)
            .orElseThrow(() -> new IllegalArgumentException("no IP address: " + text));
    int bits = network.length * 8;
    String length = slash < 0 ? Integer.toString(bits) : text.substring(slash + 1);
    if (!length.matches("\\d{1,3}") || Integer.parseInt(length) > bits) {
      throw new IllegalArgumentException("prefix length is not 0 to " + bits + ": " + text);
    }
    int prefix = Integer.parseInt(length);
    if (!Arrays.equals(masked(network, prefix), network)) {
      throw new IllegalArgumentException("bits set behind the prefix: " + text);
    }
    return new Cidr(network, prefix);
  }

  boolean contains(InetAddress address) {
    byte[] bytes = address.getAddress();
    return bytes.length == network.length && Arrays.equals(masked(bytes, prefix), network);
  }

  private static byte[] masked(byte[] bytes, int prefix) {
    byte[] result = bytes.clone();
    for (int i = 0; i < result.length; i++) {
      int kept = Math.clamp(prefix - i * 8L, 0, 8);
      result[i] &= (byte) (0xFF00 >> kept);
    }
    return result;
  }
}
