package io.stepwell.outbound;

import io.stepwell.outbound.OutboundException.Reason;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * Names the one address that a target may be connected to, or refuses.
 *
 * <p>A name is resolved once and the answer is what the connection uses, so that a second answer of
 * the name service cannot lead elsewhere. One denied address among several refuses the name: an
 * honest public name has none.
 */
final class AddressGuard {

  private final AllowList allowed;
  private final Optional<Set<Integer>> ports;
  private final NameLookup names;
  private final Duration dnsTimeout;

  AddressGuard(
      AllowList allowed, Optional<Set<Integer>> ports, NameLookup names, Duration dnsTimeout) {
    this.allowed = allowed;
    this.ports = ports;
    this.names = names;
    this.dnsTimeout = dnsTimeout;
  }

  InetAddress admit(UUID workspaceId, Target target, Deadline deadline)
      throws OutboundException, InterruptedException {
    if (ports.isPresent() && !ports.get().contains(target.port())) {
      throw new OutboundException(
          Reason.ADDRESS_DENIED, "the operator does not allow the port " + target.port());
    }
    if (target.literal().isPresent()) {
      InetAddress address = target.literal().get();
      check(target, List.of(address));
      return address;
    }
    List<InetAddress> addresses =
        names.resolve(workspaceId, target.host(), deadline.orIn(dnsTimeout));
    if (!allowed.covers(target.host())) {
      check(target, addresses);
    }
    return addresses.getFirst();
  }

  private void check(Target target, List<InetAddress> addresses) throws OutboundException {
    for (InetAddress address : addresses) {
      if (!PublicAddresses.contain(address) && !allowed.covers(address)) {
        throw notPublic(target.host());
      }
    }
  }

  /**
   * The same for a name that is not public and for one that does not exist, so that nobody learns
   * the names of a private network from it.
   */
  static OutboundException notPublic(String host) {
    return new OutboundException(
        Reason.ADDRESS_DENIED, host + " has no address on the public internet");
  }
}
