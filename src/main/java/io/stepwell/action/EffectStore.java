package io.stepwell.action;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.UUID;

/**
 * Writes the rows of effects within the transaction that records their steps.
 *
 * <p>The engine's journal calls it; the room that owns the rows implements it.
 */
public interface EffectStore {

  /** An effect and the step that it belongs to. */
  record Entry(UUID workspaceId, UUID executionId, String stepPath, Effect effect) {}

  /**
   * Inserts every row, on the given connection, without committing.
   *
   * @throws SQLException when one cannot be written; the caller rolls everything back
   */
  void write(Connection connection, List<Entry> entries) throws SQLException;
}
