package io.stepwell;

import io.stepwell.launch.ApiRole;
import io.stepwell.launch.EmbeddedPostgres;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * A new database for a test, on a real PostgreSQL: the operator's when {@code
 * QUARKUS_DATASOURCE_JDBC_URL} is set, else one embedded server for the whole test process.
 *
 * <pre>{@code
 * private final TestDatabase database = TestDatabase.migrated();
 *
 * @AfterEach
 * void dropDatabase() {
 *   database.close();
 * }
 * }</pre>
 *
 * <p>Closing drops it, whoever is still connected. {@link #dataSource()} opens a connection a call;
 * it is no pool.
 */
public final class TestDatabase implements AutoCloseable {
  private static final String PREFIX = "stepwell_test_";
  private static final String TEMPLATE = PREFIX + ProcessHandle.current().pid() + "_template";

  /** A property, since the service and its tests may have class loaders of their own. */
  private static final String OF_SERVICE = "stepwell.test.jdbc-url";

  private final Place place;

  private TestDatabase(Place place) {
    this.place = place;
  }

  /** A server and a database on it. */
  private record Place(String jdbcUrl, String username, String password) {
    Connection connect() throws SQLException {
      return DriverManager.getConnection(jdbcUrl, username, password);
    }

    /** A source that opens a new connection at every call. */
    DataSource dataSource() {
      PGSimpleDataSource source = new PGSimpleDataSource();
      source.setUrl(jdbcUrl);
      source.setUser(username);
      source.setPassword(password);
      return source;
    }

    String database() {
      String path = jdbcUrl.replaceFirst("\\?.*", "");
      return path.substring(path.lastIndexOf('/') + 1);
    }

    Place withDatabase(String name) {
      int query = jdbcUrl.indexOf('?');
      String parameters = query < 0 ? "" : jdbcUrl.substring(query);
      String path = query < 0 ? jdbcUrl : jdbcUrl.substring(0, query);
      return new Place(
          path.substring(0, path.lastIndexOf('/') + 1) + name + parameters, username, password);
    }

    void execute(String sql) {
      try (Connection connection = connect();
          Statement statement = connection.createStatement()) {
        statement.execute(sql);
      } catch (SQLException failure) {
        throw new IllegalStateException(sql, failure);
      }
    }
  }

  /** Holds what is found once a class loader: the server, with the leftovers of dead tests gone. */
  private static final class Shared {
    static final Place SERVER = server();

    static {
      dropLeftovers();
    }

    /** Holds the database that every migrated one is a copy of. */
    static final class Template {
      static final Place MIGRATED = create();

      private static Place create() {
        Place template = SERVER.withDatabase(TEMPLATE);
        if (!databases().contains(TEMPLATE)) {
          SERVER.execute("create database " + TEMPLATE);
          Flyway.configure()
              .dataSource(template.jdbcUrl(), template.username(), template.password())
              .locations("classpath:db/migration")
              .load()
              .migrate();
          grantToApiRole(template);
        }
        return template;
      }
    }

    private static void grantToApiRole(Place template) {
      apiUsername()
          .ifPresent(role -> {
            try (Connection owner = template.connect()) {
              ApiRole.grant(owner, role);
            } catch (SQLException failure) {
              throw new IllegalStateException("cannot grant anything to " + role, failure);
            }
          });
    }

    private static Place server() {
      return external()
          .orElseGet(() -> {
            EmbeddedPostgres.Server server =
                EmbeddedPostgres.open(Path.of("target", "test-postgres"));
            return new Place(
                server.jdbcUrl(EmbeddedPostgres.Server.DATABASE), EmbeddedPostgres.Server.USER, "");
          });
    }

    private static List<String> databases() {
      List<String> names = new ArrayList<>();
      try (Connection connection = SERVER.connect();
          Statement statement = connection.createStatement();
          ResultSet rows =
              statement.executeQuery(
                  "select datname from pg_database where datname like '" + PREFIX + "%'")) {
        while (rows.next()) {
          names.add(rows.getString(1));
        }
      } catch (SQLException failure) {
        throw new IllegalStateException("cannot list the databases", failure);
      }
      return names;
    }

    private static void dropLeftovers() {
      for (String name : databases()) {
        long pid = Long.parseLong(name.substring(PREFIX.length()).replaceFirst("_.*", ""));
        if (ProcessHandle.of(pid).isEmpty()) {
          SERVER.execute("drop database if exists " + name + " with (force)");
        }
      }
    }
  }

  /** Whether the tests run on a PostgreSQL of the operator's choice. */
  static Optional<String> externalUrl() {
    return Optional.ofNullable(System.getenv("QUARKUS_DATASOURCE_JDBC_URL"))
        .filter(url -> !url.isBlank());
  }

  private static Optional<Place> external() {
    return externalUrl()
        .map(url ->
            new Place(
                url,
                System.getenv().getOrDefault("QUARKUS_DATASOURCE_USERNAME", "postgres"),
                System.getenv().getOrDefault("QUARKUS_DATASOURCE_PASSWORD", "")));
  }

  /**
   * The role of requests: the embedded server's, or that of the operator's choice, with whose
   * server there need be none.
   */
  public static Optional<String> apiUsername() {
    return externalUrl().isPresent()
        ? Optional.ofNullable(System.getenv("STEPWELL_DATABASE_API_USERNAME"))
        : Optional.of(EmbeddedPostgres.Server.API_USER);
  }

  public static String apiPassword() {
    return System.getenv().getOrDefault("STEPWELL_DATABASE_API_PASSWORD", "");
  }

  /** A new database with nothing in it. */
  public static TestDatabase empty() {
    return copyOf("template1");
  }

  /** A new database with every migration of {@code db/migration} applied. */
  public static TestDatabase migrated() {
    return copyOf(Shared.Template.MIGRATED.database());
  }

  /** The database of the service that a test reaches by HTTP, in this process or in another. */
  public static DataSource ofService() {
    return external()
        .orElseGet(
            () -> new Place(System.getProperty(OF_SERVICE), EmbeddedPostgres.Server.USER, ""))
        .dataSource();
  }

  /** Says that the service under test uses it. */
  void giveToService() {
    System.setProperty(OF_SERVICE, jdbcUrl());
  }

  private static TestDatabase copyOf(String template) {
    String name =
        PREFIX
            + ProcessHandle.current().pid()
            + "_"
            + UUID.randomUUID().toString().replace("-", "").substring(0, 12);
    Shared.SERVER.execute("create database " + name + " template " + template);
    return new TestDatabase(Shared.SERVER.withDatabase(name));
  }

  public String jdbcUrl() {
    return place.jdbcUrl();
  }

  public String username() {
    return place.username();
  }

  public String password() {
    return place.password();
  }

  /** A source that opens a new connection at every call. */
  public DataSource dataSource() {
    return place.dataSource();
  }

  /** The same, logged in as the role of requests, which row-level security holds. */
  public DataSource asApiRole() {
    return new Place(jdbcUrl(), apiUsername().orElseThrow(), apiPassword()).dataSource();
  }

  @Override
  public void close() {
    Shared.SERVER.execute("drop database if exists " + place.database() + " with (force)");
  }
}
