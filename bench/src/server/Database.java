package server;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/** What the benchmark asks the database itself. Not thread-safe: one connection. */
public final class Database implements AutoCloseable {
  private final Postgres postgres;
  private final String name;
  private final Connection connection;
  private final boolean countsStatements;

  private Database(
      Postgres postgres, String name, Connection connection, boolean countsStatements) {
    this.postgres = postgres;
    this.name = name;
    this.connection = connection;
    this.countsStatements = countsStatements;
  }

  /** Makes a database of that name, empty. */
  public static Database create(Postgres postgres, String name) throws SQLException {
    try (Connection any = DriverManager.getConnection(postgres.url("postgres"), "postgres", "");
        Statement statement = any.createStatement()) {
      statement.execute("drop database if exists " + name + " with (force)");
      statement.execute("create database " + name);
    }
    Connection connection =
        DriverManager.getConnection(
            postgres.url(name) + "?ApplicationName=benchmark", "postgres", "");
    boolean counts = postgres.countsStatements();
    Database database = new Database(postgres, name, connection, counts);
    if (counts) {
      database.execute("create extension pg_stat_statements");
    }
    return database;
  }

  /** Whether {@code pg_stat_statements} is there. */
  public boolean countsStatements() {
    return countsStatements;
  }

  public Connection connection() {
    return connection;
  }

  public void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  public long number(String sql, Object... parameters) throws SQLException {
    return Long.parseLong(text(sql, parameters));
  }

  public String text(String sql, Object... parameters) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < parameters.length; i++) {
        statement.setObject(i + 1, parameters[i]);
      }
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return String.valueOf(row.getString(1));
      }
    }
  }

  /** The columns of the first row, as numbers. */
  public double[] numbers(String sql, Object... parameters) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < parameters.length; i++) {
        statement.setObject(i + 1, parameters[i]);
      }
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        double[] values = new double[row.getMetaData().getColumnCount()];
        for (int i = 0; i < values.length; i++) {
          values[i] = row.getDouble(i + 1);
        }
        return values;
      }
    }
  }

  /** Returns once every execution of the workflow is terminal. */
  public void awaitAllFinished(UUID workflow, double patienceSeconds) throws Exception {
    awaitTrue(
        "select not exists (select from execution where workflow_id = ? and finished_at is null)",
        patienceSeconds,
        workflow);
  }

  /** Returns once the query says so; it shall be cheap, since it is asked ten times a second. */
  public void awaitTrue(String query, double patienceSeconds, Object... parameters)
      throws SQLException, InterruptedException {
    long deadline = System.nanoTime() + (long) (patienceSeconds * 1e9);
    while (!text(query, parameters).equals("t")) {
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException("not within " + patienceSeconds + " s: " + query);
      }
      TimeUnit.MILLISECONDS.sleep(100);
    }
  }

  /** When the last execution of the workflow finished, in seconds since the epoch. */
  public double lastFinished(UUID workflow) throws SQLException {
    return numbers(
        "select extract(epoch from max(finished_at)) from execution where workflow_id = ?",
        workflow)[0];
  }

  /** Drops the database: what is left of it shall not disturb what is measured next. */
  @Override
  public void close() throws SQLException {
    connection.close();
    try (Connection any = DriverManager.getConnection(postgres.url("postgres"), "postgres", "");
        Statement statement = any.createStatement()) {
      statement.execute("drop database " + name + " with (force)");
    }
  }
}
