package io.stepwell.launch;

import java.util.List;

/** What the command line asks for. */
sealed interface Arguments {
  String HELP =
      """
      Usage: java -jar quarkus-run.jar [--embedded] [--migrate] [--help]

        --embedded   run a PostgreSQL of its own in ./.stepwell/postgres, for a trial on the JVM
        --migrate    make or migrate the tables, and end
        --help       print this and exit

      Settings from the environment:

        STEPWELL_BOOTSTRAP_ADMIN_KEY   the instance administrator's API key, 16 characters or more
        QUARKUS_DATASOURCE_JDBC_URL    PostgreSQL 15 or later, jdbc:postgresql://localhost:5432/stepwell
        QUARKUS_DATASOURCE_USERNAME    its user
        QUARKUS_DATASOURCE_PASSWORD    the user's password
        STEPWELL_MIGRATE_AT_START      false: refuse to start on tables that are too old
        STEPWELL_EMBEDDED_POSTGRES     true is the same as --embedded
        STEPWELL_EMBEDDED_DATA         another folder for the embedded PostgreSQL
        QUARKUS_HTTP_PORT              8080 unless set
      """;

  /** Start the service. */
  record Start(boolean embedded) implements Arguments {}

  /** Bring the tables up to date and end. */
  record Migrate(boolean embedded) implements Arguments {}

  /** Print the help. */
  record Help() implements Arguments {}

  /** Something that we do not know. */
  record Unknown(String argument) implements Arguments {}

  /** Reads the command line; the first unknown argument wins over everything else. */
  static Arguments of(List<String> arguments) {
    boolean embedded = false;
    boolean migrate = false;
    boolean help = false;
    for (String argument : arguments) {
      switch (argument) {
        case "--embedded" -> embedded = true;
        case "--migrate" -> migrate = true;
        case "--help", "-h" -> help = true;
        default -> {
          return new Unknown(argument);
        }
      }
    }
    if (help) {
      return new Help();
    }
    return migrate ? new Migrate(embedded) : new Start(embedded);
  }
}
