package io.stepwell.outbound;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;

/** Turns a host name into all of its addresses; blocks for as long as the name service likes. */
@FunctionalInterface
public interface Resolver {

  /**
   * Looks a name up.
   *
   * @return at least one address, in the order of preference
   */
  List<InetAddress> resolve(String name) throws UnknownHostException;
}
