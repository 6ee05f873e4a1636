package io.stepwell.outbound;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * Tells the addresses of the public internet from all others, by the IANA registries of
 * special-purpose addresses (RFC 6890) and what clouds put beside them.
 */
final class PublicAddresses {

  private static final List<Cidr> NOT_PUBLIC_V4 =
      networks(
          "0.0.0.0/8", // this network; Linux connects 0.0.0.0 to itself
          "10.0.0.0/8",
          "100.64.0.0/10", // carrier-grade NAT; Alibaba's metadata is in it
          "127.0.0.0/8",
          "168.63.129.16/32", // Azure's platform endpoint, on a public number
          "169.254.0.0/16", // link-local; metadata of most clouds
          "172.16.0.0/12",
          "192.0.0.0/24", // protocol assignments; Oracle's metadata is in it
          "192.0.2.0/24", // documentation
          "192.88.99.0/24", // 6to4 relays
          "192.168.0.0/16",
          "198.18.0.0/15", // benchmarks
          "198.51.100.0/24", // documentation
          "203.0.113.0/24", // documentation
          "224.0.0.0/4", // multicast
          "240.0.0.0/4"); // reserved, and the broadcast address

  // Whatever is outside of it is refused: ::, ::1, IPv4-compatible, -mapped and -translated ones,
  // 64:ff9b:1::/48, fc00::/7 with fd00:ec2::254, fe80::/10, fec0::/10, ff00::/8.
  private static final Cidr GLOBAL_UNICAST_V6 = Cidr.parse("2000::/3");

  private static final List<Cidr> NOT_PUBLIC_V6 =
      networks(
          "2001::/23", // protocol assignments: Teredo, benchmarks, ORCHID
          "2001:db8::/32", // documentation
          "2002::/16", // 6to4, deprecated; leads to any IPv4 address
          "3fff::/20"); // documentation

  // An IPv6-only network with DNS64 reaches every IPv4 service through it.
  private static final Cidr NAT64 = Cidr.parse("64:ff9b::/96");

  private PublicAddresses() {}

  static boolean contain(InetAddress address) {
    byte[] bytes = address.getAddress();
    if (bytes.length == 4) {
      return outside(NOT_PUBLIC_V4, address);
    }
    if (NAT64.contains(address)) {
      return contain(IpLiteral.of(Arrays.copyOfRange(bytes, 12, 16)));
    }
    return GLOBAL_UNICAST_V6.contains(address) && outside(NOT_PUBLIC_V6, address);
  }

  private static boolean outside(List<Cidr> networks, InetAddress address) {
    return networks.stream().noneMatch(network -> network.contains(address));
  }

  private static List<Cidr> networks(String... texts) {
    return Stream.of(texts).map(Cidr::parse).toList();
  }
}
