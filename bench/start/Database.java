import io.stepwell.launch.EmbeddedPostgres;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;

/** An empty database on a PostgreSQL of our own, with the durability of the default. */
record Database(String jdbcUrl) {
  private static final String USER = EmbeddedPostgres.Server.USER;

  static Database create(Path folder, String name) throws SQLException {
    EmbeddedPostgres.Server server = EmbeddedPostgres.open(folder);
    try (Connection connection =
            DriverManager.getConnection(
                server.jdbcUrl(EmbeddedPostgres.Server.DATABASE), USER, "");
        Statement statement = connection.createStatement()) {
      statement.execute("drop database if exists " + name + " with (force)");
      statement.execute("create database " + name);
    }
    return new Database(server.jdbcUrl(name));
  }

  /** How the service is told of it. */
  Map<String, String> environment() {
    return Map.of("QUARKUS_DATASOURCE_JDBC_URL", jdbcUrl, "QUARKUS_DATASOURCE_USERNAME", USER);
  }

  /** The first column of the first row. */
  String query(String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection(jdbcUrl, USER, "");
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getString(1);
    }
  }
}
