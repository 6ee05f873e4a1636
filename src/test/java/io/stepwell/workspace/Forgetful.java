package io.stepwell.workspace;

import io.quarkus.narayana.jta.QuarkusTransaction;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import javax.sql.DataSource;

/** A query that forgets its workspace. */
final class Forgetful {
  private Forgetful() {}

  /** The workspaces whose rows it sees in a transaction. */
  static Set<UUID> workspacesSeen(DataSource database) {
    return QuarkusTransaction.requiringNew().call(() -> query(database));
  }

  static Set<UUID> query(DataSource database) throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("select distinct workspace_id from audit_entry")) {
      Set<UUID> seen = new TreeSet<>();
      while (rows.next()) {
        seen.add(rows.getObject(1, UUID.class));
      }
      return seen;
    }
  }
}
