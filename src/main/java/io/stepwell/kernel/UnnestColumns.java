package io.stepwell.kernel;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Binds many rows to one statement, column by column, as {@code unnest} takes them. Parameters are
 * bound in the order of the calls, the first one at {@code 1}. Not thread-safe.
 */
public final class UnnestColumns<R> {
  private final Connection connection;
  private final PreparedStatement statement;
  private final List<R> rows;
  private int next = 1;

  public UnnestColumns(Connection connection, PreparedStatement statement, List<R> rows) {
    this.connection = connection;
    this.statement = statement;
    this.rows = rows;
  }

  /** Binds the next parameter: an array of the database's type with a value for every row. */
  public void add(String type, Function<R, @Nullable Object> value) throws SQLException {
    @Nullable Object[] values = new @Nullable Object[rows.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = value.apply(rows.get(i));
    }
    // the driver escapes an array of objects letter by letter, and sends one of strings as it is
    @Nullable Object[] array =
        type.equals("text") ? Arrays.copyOf(values, values.length, String[].class) : values;
    statement.setArray(next++, connection.createArrayOf(type, array));
  }
}
