package io.stepwell.outbound;

import io.vertx.core.net.impl.SocketAddressImpl;
import java.util.Objects;
import java.util.UUID;

/**
 * An address as one workspace calls it. The client keeps its connections by address, so that those
 * of two workspaces are never one.
 */
final class WorkspaceAddress extends SocketAddressImpl {
  private final UUID workspaceId;

  WorkspaceAddress(UUID workspaceId, int port, String ip) {
    super(port, ip);
    this.workspaceId = workspaceId;
  }

  @Override
  public boolean equals(Object other) {
    return super.equals(other) && workspaceId.equals(((WorkspaceAddress) other).workspaceId);
  }

  @Override
  public int hashCode() {
    return Objects.hash(super.hashCode(), workspaceId);
  }
}
