package io.stepwell.outbound;

import io.stepwell.outbound.OutboundException.Reason;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;

/**
 * Names the one address that a target may be connected to, or refuses.
 *
 * <p>A name is resolved once and the answer is what the connection uses, so that a second answer of
 * the name service cannot lead elsewhere. One denied address among several refuses the name: an
 * honest public name has none.
 */
final class AddressGuard {

  private final AllowList allowed;
  private final NameLookup names;
  private final Duration dnsTimeout;

  AddressGuard(AllowList allowed, NameLookup names, Duration dnsTimeout) {
    this.allowed = allowed;
    this.names = names;
    this.dnsTimeout = dnsTimeout;
  }

  InetAddress admit(Target target, Deadline deadline)
      throws OutboundException, InterruptedException {
    if (target.literal().isPresent()) {
      InetAddress address = target.literal().get();
      check(target, List.of(address));
      return address;
    }
    List<InetAddress> addresses = names.resolve(target.host(), deadline.orIn(dnsTimeout));
    if (!allowed.covers(target.host())) {
      check(target, addresses);
    }
    return addresses.getFirst();
  }

  private void check(Target target, List<InetAddress> addresses) throws OutboundException {
    for (InetAddress address : addresses) {
      if (!PublicAddresses.contain(address) && !allowed.covers(address)) {
        // without the address: what a private name resolves to is nobody's business
        throw new OutboundException(
            Reason.ADDRESS_DENIED, target.host() + " is not an address of the public internet");
      }
    }
  }
}
