package io.stepwell.tables;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Holds that no migration locks a table for longer than an instant, as long as replicas work on it.
 * The first four are from before the first release, and were applied while none ran.
 */
class MigrationLocksTest {
  private static final Path FOLDER = Path.of("src", "main", "resources", "db", "migration");
  private static final int BEFORE_THE_FIRST_RELEASE = 4;

  /** Those that may, each with its reason, by the migration and how the statement begins. */
  private static final Set<String> EXCEPTIONS =
      Set.of(
          // a few rows for each workflow, and only the adding up of statistics writes them
          "V6__let_old_rows_go.sql: create index execution_stat_unfinished");

  private static final String TABLE = "alter table (if exists )?(only )?\\S+ .*";

  private static final List<Pattern> LOCKING =
      Stream.of(
              "lock table .*",
              TABLE + "\\badd (constraint \\S+ )?(primary key|unique)(?! using index).*",
              TABLE + "\\badd (constraint \\S+ )?(foreign key|check)\\b(?!.* not valid).*",
              TABLE + "\\breferences\\b(?!.* not valid).*",
              TABLE + "\\balter (column )?\\S+ (set data )?type .*",
              TABLE + "\\balter (column )?\\S+ set not null.*",
              TABLE + "\\badd (column )?\\S+ .*\\b(generated|serial|bigserial)\\b.*",
              TABLE
                  + "\\badd (column )?.*\\bdefault .*(random|clock_timestamp|gen_random_uuid|uuidv7)\\(.*",
              TABLE + "\\b(validate constraint|set (un)?logged|set tablespace) .*",
              "create (unique )?index (?!concurrently).*",
              "reindex (?!.*concurrently).*",
              "(cluster|vacuum full)\\b.*",
              "refresh materialized view (?!concurrently).*",
              "create trigger .*")
          .map(Pattern::compile)
          .toList();

  @Test
  void no_migration_locks_a_table_for_longer_than_an_instant() throws IOException {
    List<String> locking = new ArrayList<>();
    try (Stream<Path> files = Files.list(FOLDER)) {
      for (Path file : files.filter(path -> path.toString().endsWith(".sql")).toList()) {
        String name = file.getFileName().toString();
        if (Integer.parseInt(name.replaceAll("^V|__.*", "")) > BEFORE_THE_FIRST_RELEASE) {
          locking(Files.readString(file))
              .forEach(statement -> locking.add(name + ": " + statement));
        }
      }
    }

    assertThat(locking)
        .filteredOn(statement -> EXCEPTIONS.stream().noneMatch(statement::startsWith))
        .isEmpty();
  }

  @Test
  void what_reads_or_rewrites_a_table_under_its_lock_is_found() {
    assertThat(
            locking(
                """
                lock table execution in exclusive mode;
                alter table task add primary key (workspace_id, id);
                alter table task add constraint one unique (id);
                alter table task add foreign key (workspace_id) references workspace;
                alter table task add column who uuid references workspace;
                alter table task alter column title type varchar;
                alter table task alter title set not null;
                alter table task
                  add column n bigint generated always as identity;
                create index task_by_title on task (title);
                """))
        .hasSize(9);
  }

  @Test
  void what_takes_an_instant_will_do() {
    assertThat(
            locking(
                """
                -- lock table, in a comment
                alter table task add column note text;
                alter table task add column level int not null default 1;
                alter table task add foreign key (workspace_id) references workspace not valid;
                alter table task add primary key using index task_key;
                alter table task drop column note;
                create index concurrently task_by_title on task (title);
                create table small (id int primary key, task uuid references task);
                create index small_by_task on small (task);
                alter table small add unique (task);
                """))
        .isEmpty();
  }

  /** The statements that lock a table which the script has not just made. */
  private static List<String> locking(String script) {
    List<String> statements =
        Arrays.stream(script.replaceAll("--[^\n]*", "").split(";"))
            .map(statement -> statement.replaceAll("\\s+", " ").strip().toLowerCase(Locale.ROOT))
            .toList();
    Set<String> made =
        statements.stream()
            .filter(statement -> statement.startsWith("create table "))
            .map(statement -> statement.replaceAll("create table (if not exists )?(\\w+).*", "$2"))
            .collect(Collectors.toSet());
    return statements.stream()
        .filter(statement -> LOCKING.stream().anyMatch(rule -> rule.matcher(statement).matches()))
        .filter(statement ->
            !made.contains(
                statement.replaceAll(
                    "(?:alter table|create (?:unique )?index \\S+ on) (\\w+).*", "$1")))
        .toList();
  }
}
