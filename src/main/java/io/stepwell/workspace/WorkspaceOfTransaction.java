package io.stepwell.workspace;

import io.agroal.api.AgroalPoolInterceptor;
import io.quarkus.arc.Arc;
import io.quarkus.arc.Unremovable;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Optional;
import java.util.UUID;
import org.jboss.logging.Logger;

/**
 * Tells the database at the begin of every transaction of the pool of requests which workspace it
 * is for: the one of the request that has passed the access filter, else that of the thread ({@link
 * WorkspaceScope}). Where there is neither, the policies show no row.
 *
 * <p>It holds until the transaction ends and not longer, so a pooler may hand the session on. A
 * statement outside of a transaction has no workspace.
 */
@Singleton
@Unremovable
class WorkspaceOfTransaction implements AgroalPoolInterceptor {
  private static final Logger LOG = Logger.getLogger(WorkspaceOfTransaction.class);
  private static final String SET = "select set_config('stepwell.workspace', ?, true)";

  private final boolean needed;
  private final RequestCaller request;

  WorkspaceOfTransaction(ApiRoleConfig config, RequestCaller request) {
    this.needed = config.username().isPresent();
    this.request = request;
  }

  /** Called once a transaction: when it takes its connection, which it has begun on. */
  @Override
  public void onConnectionAcquire(Connection connection) {
    Optional<UUID> workspaceId = needed ? current() : Optional.empty();
    if (workspaceId.isEmpty()) {
      return;
    }
    try {
      if (!connection.getAutoCommit()) {
        set(connection, workspaceId.get());
      }
    } catch (SQLException e) {
      // the statement that follows fails too, in the words that its caller understands
      LOG.debugf(e, "a transaction cannot be told its workspace");
    }
  }

  private static void set(Connection connection, UUID workspaceId) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(SET)) {
      statement.setString(1, workspaceId.toString());
      statement.execute();
    }
  }

  /** A request stays in its own workspace, whatever else is said. */
  private Optional<UUID> current() {
    return Arc.container().requestContext().isActive()
        ? request.effectiveWorkspaceId().or(WorkspaceScope::current)
        : WorkspaceScope.current();
  }
}
