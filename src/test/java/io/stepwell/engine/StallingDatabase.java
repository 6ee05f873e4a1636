package io.stepwell.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;

/** A database whose commits wait until the test lets them: what is done before holds its locks. */
final class StallingDatabase {
  private final DataSource real;
  private final AtomicInteger passing;
  private final CountDownLatch arrived = new CountDownLatch(1);
  private final CountDownLatch gate = new CountDownLatch(1);

  StallingDatabase(DataSource real) {
    this(real, 0);
  }

  /**
   * @param passing how many connections are used before one stalls
   */
  StallingDatabase(DataSource real, int passing) {
    this.real = real;
    this.passing = new AtomicInteger(passing);
  }

  /** Waits until a transaction is about to commit. */
  void awaitCommit() throws InterruptedException {
    assertThat(arrived.await(30, TimeUnit.SECONDS)).as("about to commit").isTrue();
  }

  void letCommit() {
    gate.countDown();
  }

  DataSource dataSource() {
    return proxy(
        DataSource.class,
        (method, arguments) -> {
          Connection connection = real.getConnection();
          if (passing.getAndDecrement() > 0) {
            return connection;
          }
          connection.setAutoCommit(false);
          return proxy(Connection.class, (name, given) -> call(connection, name, given));
        });
  }

  private Object call(Connection connection, Method method, Object[] arguments) throws Throwable {
    switch (method.getName()) {
      case "setAutoCommit" -> {
        return null;
      }
      case "commit" -> commit(connection);
      case "close" -> {
        commit(connection);
        connection.setAutoCommit(true);
        connection.close();
      }
      default -> {
        try {
          return method.invoke(connection, arguments);
        } catch (InvocationTargetException e) {
          throw e.getCause();
        }
      }
    }
    return null;
  }

  private void commit(Connection connection) throws Exception {
    arrived.countDown();
    assertThat(gate.await(30, TimeUnit.SECONDS)).as("let commit").isTrue();
    connection.commit();
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
