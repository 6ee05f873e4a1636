package io.stepwell.launch;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.jboss.logging.Logger;

/**
 * What every session of the service is to have set. It belongs to the role in this database: a
 * pooler hands a transaction to any session, so what one sets for itself alone would be another's.
 *
 * <ul>
 *   <li>A replica that vanishes, or stands still, in the midst of a transaction must not keep the
 *       rows locked until the server finds out by itself, which takes two hours. No transaction
 *       here waits for anything but the database.
 *   <li>No plan is kept: one that was made while a table was empty reads all of it when it has long
 *       grown, and is kept for as long as nothing is analysed. A plan for each statement costs
 *       little, since one statement serves many executions.
 *   <li>Every query here has its index, also while the tables are small.
 *   <li>Without sequential scans some plan costs enough to be compiled: not worth it.
 * </ul>
 */
public final class RoleSettings {
  private static final Logger LOG = Logger.getLogger(RoleSettings.class);

  /** For sessions of which it is not to be true: a migration may wait, and reads whole tables. */
  static final String OPTIONS_OF_MIGRATIONS =
      "-c idle_in_transaction_session_timeout=0 -c enable_seqscan=on";

  private static final String ARE_SET =
      """
      select current_setting('idle_in_transaction_session_timeout') <> '0'
        and current_setting('plan_cache_mode') = 'force_custom_plan'
        and current_setting('enable_seqscan') = 'off' and current_setting('jit') = 'off'
      """;

  // of two that set it at once the later one waits, where else it would fail
  private static final String SET =
      """
      do $$
      begin
        perform pg_advisory_xact_lock('pg_db_role_setting'::regclass::oid::bigint);
        execute format('alter role current_user in database %1$I
          set idle_in_transaction_session_timeout = ''10s''', current_database());
        execute format('alter role current_user in database %1$I
          set plan_cache_mode = force_custom_plan', current_database());
        execute format('alter role current_user in database %1$I
          set enable_seqscan = off', current_database());
        execute format('alter role current_user in database %1$I
          set jit = off', current_database());
      end
      $$
      """;

  private RoleSettings() {}

  /**
   * Makes sure that sessions which are opened from now on have them. Every role may set them for
   * itself; where the database refuses it all the same, a warning says what to do and what is lost.
   */
  public static void ensure(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      try (ResultSet row = statement.executeQuery(ARE_SET)) {
        row.next();
        if (row.getBoolean(1)) {
          return;
        }
      }
      statement.execute(SET);
    } catch (SQLException refused) {
      if (refused.getSQLState() != null && refused.getSQLState().startsWith("08")) {
        throw refused;
      }
      LOG.warnf(
          "Cannot set idle_in_transaction_session_timeout = '10s', plan_cache_mode ="
              + " force_custom_plan, enable_seqscan = off and jit = off for our role in this database: set them there (alter role … in database … set …)."
              + " Until then a replica that vanishes may hold rows locked for hours, and plans that"
              + " were made for small tables may stay. The database said: %s",
          LaunchException.line(refused));
    }
  }
}
