package io.stepwell.launch;

import io.quarkus.runtime.Application;
import io.quarkus.runtime.ImageMode;
import io.quarkus.runtime.LaunchMode;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.QuarkusMain;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * Starts the service, once everything that it needs is there; else says what is missing and ends
 * with code 1 (2 for an unknown argument).
 *
 * <p>In development mode it brings a PostgreSQL of its own unless one is configured, and runs again
 * at every live reload.
 */
@QuarkusMain
public final class Main {
  private static final Logger LOG = Logger.getLogger(Main.class);
  private static final String JDBC_URL = "quarkus.datasource.jdbc.url";

  // of the JDK, read when a virtual thread first waits for a socket
  private static final String POLLER_MODE = "jdk.pollerMode";

  private static final String API_USERNAME = "stepwell.database.api.username";

  private static final String PREPARE_THRESHOLD =
      "quarkus.datasource.jdbc.additional-jdbc-properties.prepareThreshold";

  /** Known when the executable is built, so that it carries nothing of the embedded PostgreSQL. */
  private static final boolean NATIVE = ImageMode.current() != ImageMode.JVM;

  /** Holds the address that we set ourselves, which is no sign of an operator's database. */
  private static final String OWN_JDBC_URL = "stepwell.embedded.jdbc-url";

  Main() {}

  /** Runs until the process is asked to end. */
  public static void main(String... arguments) {
    watchSocketsByPlatformThreads();
    switch (Arguments.of(List.of(arguments))) {
      case Arguments.Help() -> System.out.print(Arguments.HELP);
      case Arguments.Unknown(String argument) -> {
        System.err.println("Unknown argument " + argument + "\n\n" + Arguments.HELP);
        System.exit(2);
      }
      case Arguments.Migrate(boolean embedded) -> orEnd(() -> migrate(embedded));
      case Arguments.Start(boolean embedded) -> {
        orEnd(() -> prepare(embedded));
        Quarkus.run(arguments);
      }
    }
  }

  /**
   * Else virtual threads watch the sockets of virtual threads, and wait for a carrier behind
   * whatever tenants compute. In the native executable reads of virtual threads were seen to wait
   * for ever for what had come, now and then and from the start on, which fits a watcher that has
   * stopped.
   */
  private static void watchSocketsByPlatformThreads() {
    if (System.getProperty(POLLER_MODE) == null) {
      System.setProperty(POLLER_MODE, "1");
    }
  }

  private static void orEnd(Runnable step) {
    try {
      step.run();
    } catch (LaunchException refused) {
      System.err.println(refused.getMessage());
      System.exit(1);
    }
  }

  private static void migrate(boolean embedded) {
    LaunchSettings settings = settings(embedded);
    require(settings.databaseProblems());
    DatabaseAddress database = database(settings);
    ExternalPostgres.Found found = ExternalPostgres.check(database);
    Schema.requireRecent(found);
    // as long as it takes: whoever runs it apart watches it
    System.out.println(Schema.migrate(database, found.pooled(), Duration.ZERO));
    ApiRole.grant(settings, database);
  }

  private static void prepare(boolean embedded) {
    LaunchSettings settings = settings(embedded);
    require(settings.problems());
    DatabaseAddress database = database(settings);
    ExternalPostgres.Found found = ExternalPostgres.check(database);
    if (found.pooled()) {
      // what one session has prepared the next transaction's may not have, or have under its name
      LOG.info("A pooler stands before PostgreSQL: no statement is kept prepared.");
      System.setProperty(PREPARE_THRESHOLD, "0");
    }
    Schema.prepare(database, found, settings.migrateAtStart());
    ApiRole.prepare(settings, database);
  }

  private static LaunchSettings settings(boolean embedded) {
    forgetOwnDatabase();
    LaunchMode mode = launchMode();
    LaunchSettings settings = LaunchSettings.read(mode);
    return settings.withEmbedded(embedded || (mode.isDev() && settings.database().isEmpty()));
  }

  private static void require(List<String> problems) {
    if (!problems.isEmpty()) {
      throw new LaunchException(String.join("\n", problems));
    }
  }

  private static DatabaseAddress database(LaunchSettings settings) {
    return settings.embedded() ? embedded(settings) : settings.database().orElseThrow();
  }

  /** Quarkus knows its mode only once it has started; its class loader shows it before. */
  private static LaunchMode launchMode() {
    String loader = Main.class.getClassLoader().getClass().getSimpleName();
    return loader.equals("QuarkusClassLoader") ? LaunchMode.DEVELOPMENT : LaunchMode.NORMAL;
  }

  private static DatabaseAddress embedded(LaunchSettings settings) {
    if (NATIVE) {
      throw new LaunchException(
          "The native executable brings no PostgreSQL of its own: set QUARKUS_DATASOURCE_JDBC_URL.");
    }
    EmbeddedPostgres.Server server =
        EmbeddedPostgres.open(settings.embeddedFolder(), Main::awaitStopped);
    String url = server.jdbcUrl(EmbeddedPostgres.Server.DATABASE);
    System.setProperty(OWN_JDBC_URL, url);
    System.setProperty(JDBC_URL, url);
    System.setProperty("quarkus.datasource.username", EmbeddedPostgres.Server.USER);
    System.setProperty(API_USERNAME, EmbeddedPostgres.Server.API_USER);
    LOG.infof("Embedded PostgreSQL in %s: %s", settings.embeddedFolder(), url);
    return new DatabaseAddress(url, Optional.of(EmbeddedPostgres.Server.USER), Optional.empty());
  }

  private static void forgetOwnDatabase() {
    String own = System.clearProperty(OWN_JDBC_URL);
    if (own != null && own.equals(System.getProperty(JDBC_URL))) {
      System.clearProperty(JDBC_URL);
      System.clearProperty(API_USERNAME);
    }
  }

  /** The database must outlive the service, whose own shutdown hook runs beside ours. */
  private static void awaitStopped() {
    Application application = Application.currentApplication();
    if (application != null) {
      application.awaitShutdown();
    }
  }
}
