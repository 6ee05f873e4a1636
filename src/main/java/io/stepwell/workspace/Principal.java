package io.stepwell.workspace;

import java.util.UUID;

/** Who has proved to be calling. */
sealed interface Principal {
  String userId();

  Role role();

  /** Whoever holds the operator's key. */
  record InstanceAdministrator() implements Principal {
    @Override
    public String userId() {
      return "admin";
    }

    @Override
    public Role role() {
      return Role.ADMIN;
    }
  }

  /** The holder of a workspace's key. */
  record KeyHolder(UUID workspaceId, String userId, Role role) implements Principal {}

  /** The holder of a ticket for the stream of one execution. */
  record TicketHolder(UUID workspaceId, UUID executionId, String userId) implements Principal {
    @Override
    public Role role() {
      return Role.VIEWER;
    }
  }
}
