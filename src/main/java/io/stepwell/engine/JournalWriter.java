package io.stepwell.engine;

import io.stepwell.action.EffectStore;
import io.stepwell.engine.JournalLeases.Held;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Named;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.sql.DataSource;

/** Makes journal entries of many executions durable in one transaction, a statement a table. */
@ApplicationScoped
class JournalWriter {
  private final DataSource database;
  private final EffectStore effectStore;

  JournalWriter(@Named("engine") DataSource database, EffectStore effectStore) {
    this.database = database;
    this.effectStore = effectStore;
  }

  /** How to deal with rows that another session has locked. */
  enum Locks {
    /** Waits a moment for all but the rows of the queue, since hardly ever one is locked. */
    EXPECT_NONE,
    /** Passes over every execution with a locked row. */
    EXPECT_SOME
  }

  /**
   * What became of entries.
   *
   * @param lost dropped, since their lease is lost
   * @param locked not written, since another session has locked a row of their execution
   * @param unfinished written but for the end of the execution: a step of it is RUNNING
   */
  record Written(Set<JournalEntry> lost, Set<JournalEntry> locked, Set<JournalEntry> unfinished) {
    Written() {
      this(new HashSet<>(), new HashSet<>(), new HashSet<>());
    }
  }

  /**
   * Writes the entries in one transaction, in their order; of several states of one step only the
   * last.
   *
   * @throws SQLException when nothing was written, or when it is unknown whether it was: writing
   *     the same again is safe
   */
  Written write(List<JournalEntry> entries, Locks locks) throws SQLException {
    try (Connection connection = database.getConnection()) {
      connection.setAutoCommit(false);
      try {
        Written written = writeHeld(connection, entries, locks);
        connection.commit();
        return written;
      } catch (SQLException | RuntimeException e) {
        connection.rollback();
        throw e;
      } finally {
        connection.setAutoCommit(true);
      }
    }
  }

  /**
   * Takes the lease that an entry was written under: whatever else is written so is dropped.
   *
   * @return false when another session has locked its row, and it has to be tried again
   */
  boolean fence(JournalEntry entry) throws SQLException {
    try (Connection connection = database.getConnection()) {
      return JournalLeases.fence(connection, Held.of(entry));
    }
  }

  private Written writeHeld(Connection connection, List<JournalEntry> entries, Locks locks)
      throws SQLException {
    List<Held> asked = entries.stream().map(Held::of).distinct().toList();
    Set<Held> held = JournalLeases.lock(connection, asked, locks);
    Written written = new Written();
    List<JournalEntry> ours = new ArrayList<>();
    if (held.size() == asked.size()) {
      ours.addAll(entries);
    } else {
      List<Held> missing = asked.stream().filter(one -> !held.contains(one)).toList();
      Set<Held> locked = JournalLeases.stillHeld(connection, missing);
      for (JournalEntry entry : entries) {
        if (held.contains(Held.of(entry))) {
          ours.add(entry);
        } else if (locked.contains(Held.of(entry))) {
          written.locked().add(entry);
        } else {
          written.lost().add(entry);
        }
      }
    }
    JournalSteps.write(connection, ours);
    List<EffectStore.Entry> effects = ours.stream().flatMap(e -> e.effects().stream()).toList();
    if (!effects.isEmpty()) {
      effectStore.write(connection, effects);
    }
    written.unfinished().addAll(JournalEndings.finish(connection, ours));
    JournalEndings.release(connection, ours);
    JournalEndings.resetClaims(connection, ours);
    return written;
  }
}
