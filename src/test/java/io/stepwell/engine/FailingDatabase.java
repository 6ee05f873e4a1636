package io.stepwell.engine;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;

/**
 * A real database that refuses some statements a few times, with a SQLSTATE of the test's choice.
 */
final class FailingDatabase {
  /** Stands for the opening of a connection. */
  static final String CONNECT = "connect";

  private final DataSource real;
  private volatile String part = "";
  private volatile String state = "";
  private final AtomicInteger left = new AtomicInteger();

  FailingDatabase(DataSource real) {
    this.real = real;
  }

  /** Refuses statements that contain the text this often. */
  void refuse(String text, String sqlState, int times) {
    part = text;
    state = sqlState;
    left.set(times);
  }

  /** How often it still refuses. */
  int left() {
    return left.get();
  }

  private void check(String sql) throws SQLException {
    if (sql.contains(part) && left.getAndUpdate(now -> Math.max(0, now - 1)) > 0) {
      throw new SQLException("refused for the test", state);
    }
  }

  DataSource dataSource() {
    return proxy(
        DataSource.class,
        (method, arguments) -> {
          check(CONNECT);
          Connection connection = real.getConnection();
          return proxy(
              Connection.class,
              (name, given) -> {
                if (name.getName().equals("prepareStatement")) {
                  check((String) given[0]);
                }
                return invoke(name, connection, given);
              });
        });
  }

  private static Object invoke(Method method, Object target, Object[] arguments) throws Throwable {
    try {
      return method.invoke(target, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  private interface Call {
    Object make(Method method, Object[] arguments) throws Throwable;
  }

  private static <T> T proxy(Class<T> type, Call call) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) -> call.make(method, arguments)));
  }
}
