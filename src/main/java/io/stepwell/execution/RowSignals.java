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
  // the execution's row first, as everybody locks it first
  private static final String WAKE =
      """
      update execution
      set due_at = case when lease_token is null then now() else due_at end
      where id = ? and finished_at is null
      """;

  private static final String SIGNAL =
      """
      update step_run
      set signal = ?::json
      where execution_id = ? and path = ? and status = 'RUNNING' and pause = 'SIGNAL'
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
  public void signal(UUID executionId, String stepPath, ObjectNode signal) {
    try (Connection connection = database.getConnection();
        PreparedStatement wake = connection.prepareStatement(WAKE);
        PreparedStatement write = connection.prepareStatement(SIGNAL)) {
      wake.setObject(1, executionId);
      wake.executeUpdate();
      write.setString(1, Json.write(signal));
      write.setObject(2, executionId);
      write.setString(3, stepPath);
      write.executeUpdate();
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
