package io.stepwell.outbound;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** What the operator made reachable beyond the public internet. */
record AllowList(List<Cidr> networks, Set<String> names, List<String> suffixes) {

  /**
   * Reads the entries of {@code stepwell.outbound.allow}.
   *
   * @throws IllegalArgumentException naming the first entry that means nothing
   */
  static AllowList parse(List<String> entries) {
    List<Cidr> networks = new ArrayList<>();
    Set<String> names = new HashSet<>();
    List<String> suffixes = new ArrayList<>();
    for (String raw : entries) {
      String entry = raw.strip().toLowerCase(Locale.ROOT);
      if (entry.startsWith("*.") && HostName.isName(entry.substring(2))) {
        suffixes.add(entry.substring(1));
      } else if (HostName.isName(entry)) {
        names.add(entry);
      } else {
        networks.add(network(entry));
      }
    }
    return new AllowList(List.copyOf(networks), Set.copyOf(names), List.copyOf(suffixes));
  }

  private static Cidr network(String entry) {
    try {
      return Cidr.parse(entry);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "stepwell.outbound.allow: neither a network nor a host name: " + e.getMessage(), e);
    }
  }

  boolean covers(InetAddress address) {
    return networks.stream().anyMatch(network -> network.contains(address));
  }

  /** Whether the operator trusts the name, wherever it leads. */
  boolean covers(String name) {
    return names.contains(name) || suffixes.stream().anyMatch(name::endsWith);
  }
}
