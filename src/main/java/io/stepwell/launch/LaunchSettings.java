package io.stepwell.launch;

import io.quarkus.runtime.LaunchMode;
import io.quarkus.runtime.configuration.ConfigUtils;
import io.smallrye.config.SmallRyeConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What must be known before Quarkus starts, from the same sources that Quarkus reads. */
record LaunchSettings(
    Optional<DatabaseAddress> database,
    Optional<Login> api,
    Optional<String> adminKey,
    boolean migrateAtStart,
    boolean embedded,
    Path embeddedFolder) {
  /** As whom one logs in. */
  record Login(String username, Optional<String> password) {
    @Override
    public String toString() {
      return username; // never the password
    }
  }

  static final int SHORTEST_ADMIN_KEY = 16;

  private static final String NO_DATABASE =
      """
      QUARKUS_DATASOURCE_JDBC_URL is not set: Stepwell keeps everything in PostgreSQL (15 or later) and needs its address.
        Example: QUARKUS_DATASOURCE_JDBC_URL=jdbc:postgresql://localhost:5432/stepwell, with QUARKUS_DATASOURCE_USERNAME and QUARKUS_DATASOURCE_PASSWORD.
        For a trial on the JVM, --embedded runs a PostgreSQL of its own.\
      """;
  private static final String NO_ADMIN_KEY =
      """
      STEPWELL_BOOTSTRAP_ADMIN_KEY is not set: it is the instance administrator's API key, with which the first workspace and its keys are made.
        Example: STEPWELL_BOOTSTRAP_ADMIN_KEY="$(openssl rand -hex 24)", kept where you keep secrets.\
      """;
  private static final String SHORT_ADMIN_KEY =
      """
      STEPWELL_BOOTSTRAP_ADMIN_KEY is too short: it opens every workspace, so it must have at least %d characters.
        Example: STEPWELL_BOOTSTRAP_ADMIN_KEY="$(openssl rand -hex 24)".\
      """;
  private static final String TWO_DATABASES =
      """
      Both QUARKUS_DATASOURCE_JDBC_URL and the embedded PostgreSQL are asked for: unset the one, or leave out --embedded (STEPWELL_EMBEDDED_POSTGRES).\
      """;

  /** Reads environment, system properties and application.properties of the profile of the mode. */
  static LaunchSettings read(LaunchMode mode) {
    SmallRyeConfig config = ConfigUtils.configBuilder(mode).build();
    return new LaunchSettings(
        text(config, "quarkus.datasource.jdbc.url").map(url -> address(url, config)),
        text(config, "stepwell.database.api.username")
            .map(name -> new Login(name, text(config, "stepwell.database.api.password"))),
        text(config, "stepwell.bootstrap.admin-key"),
        config.getOptionalValue("stepwell.migrate-at-start", Boolean.class).orElse(true),
        config.getOptionalValue("stepwell.embedded.postgres", Boolean.class).orElse(false),
        Path.of(text(config, "stepwell.embedded.data").orElse(".stepwell/postgres")));
  }

  private static DatabaseAddress address(String jdbcUrl, SmallRyeConfig config) {
    return new DatabaseAddress(
        jdbcUrl,
        text(config, "quarkus.datasource.username"),
        text(config, "quarkus.datasource.password"));
  }

  private static Optional<String> text(SmallRyeConfig config, String name) {
    return config.getOptionalValue(name, String.class).filter(value -> !value.isBlank());
  }

  /** The same, and embedded where it is asked for elsewhere too. */
  LaunchSettings withEmbedded(boolean asked) {
    return new LaunchSettings(
        database, api, adminKey, migrateAtStart, embedded || asked, embeddedFolder);
  }

  /** The database as requests log in to it, where they do as a role of their own. */
  Optional<DatabaseAddress> apiRole(DatabaseAddress owner) {
    return embedded
        ? Optional.of(owner.as(EmbeddedPostgres.Server.API_USER, Optional.empty()))
        : api.map(login -> owner.as(login.username(), login.password()));
  }

  /** Everything that keeps the service from starting, each a message of its own. */
  List<String> problems() {
    List<String> problems = new ArrayList<>(databaseProblems());
    if (adminKey.isEmpty()) {
      problems.add(NO_ADMIN_KEY);
    } else if (adminKey.get().length() < SHORTEST_ADMIN_KEY) {
      problems.add(SHORT_ADMIN_KEY.formatted(SHORTEST_ADMIN_KEY));
    }
    return problems;
  }

  /** What of it keeps it from the database. */
  List<String> databaseProblems() {
    if (database.isEmpty() && !embedded) {
      return List.of(NO_DATABASE);
    }
    return database.isPresent() && embedded ? List.of(TWO_DATABASES) : List.of();
  }
}
