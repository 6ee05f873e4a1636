package io.stepwell.execution;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stepwell.kernel.Json;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Status;
import jakarta.transaction.Synchronization;
import jakarta.transaction.TransactionSynchronizationRegistry;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.UUID;
import javax.sql.DataSource;

/** Signals by a row: the execution becomes due, and whoever claims it finds the signal. */
@ApplicationScoped
class RowSignals implements StepSignals {
  // the queue's row first, as every writer of an execution locks it first; one that a replica has
  // stays with it, which looks for the signal when it lets go
  private static final String LOCK =
      """
      select 1 from execution_queue
      where workspace_id = ? and execution_id = ?
      for no key update
      """;

  private static final String WAKE =
      """
      update execution_queue
      set due_at = now()
      where workspace_id = ? and execution_id = ? and lease_token is null
      """;

  private static final String SIGNAL =
      """
      update step_run
      set signal = ?::json
      where workspace_id = ? and execution_id = ? and path = ? and status = 'RUNNING'
        and pause = 'SIGNAL'
      """;

  private final DataSource database;
  private final ExecutionChanges changes;
  private final TransactionSynchronizationRegistry transaction;

  RowSignals(
      DataSource database,
      ExecutionChanges changes,
      TransactionSynchronizationRegistry transaction) {
    this.database = database;
    this.changes = changes;
    this.transaction = transaction;
  }

  @Override
  public void signal(UUID workspaceId, UUID executionId, String stepPath, ObjectNode signal) {
    try (Connection connection = database.getConnection();
        PreparedStatement lock = connection.prepareStatement(LOCK);
        PreparedStatement write = connection.prepareStatement(SIGNAL);
        PreparedStatement wake = connection.prepareStatement(WAKE)) {
      lock.setObject(1, workspaceId);
      lock.setObject(2, executionId);
      lock.execute();
      write.setString(1, Json.write(signal));
      write.setObject(2, workspaceId);
      write.setObject(3, executionId);
      write.setString(4, stepPath);
      write.executeUpdate();
      wake.setObject(1, workspaceId);
      wake.setObject(2, executionId);
      wake.executeUpdate();
    } catch (SQLException e) {
      throw new IllegalStateException("the step cannot be signalled", e);
    }
    transaction.registerInterposedSynchronization(new NudgeAfterCommit());
  }

  private final class NudgeAfterCommit implements Synchronization {
    @Override
    public void beforeCompletion() {}

    @Override
    public void afterCompletion(int status) {
      if (status == Status.STATUS_COMMITTED) {
        changes.due();
      }
    }
  }
}
