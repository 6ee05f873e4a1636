package io.stepwell.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import org.hibernate.exception.GenericJDBCException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OutageTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "08006", "57P01", "53300", "53100", "53200", "25006", "25P03", "57P05", "28000", "28P01",
        "3D000", "58030", "55P03"
      })
  void a_database_that_has_no_room_or_no_time_for_us_is_an_outage(String state) {
    assertThat(Outage.isBehind(new IllegalStateException(new SQLException("no", state)))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"23505", "42601", "22P02"})
  void a_statement_that_is_wrong_is_none(String state) {
    assertThat(Outage.isBehind(new IllegalStateException(new SQLException("no", state)))).isFalse();
  }

  /** As Hibernate and the pool tell it, the one with a state of its own making. */
  @Test
  void a_pool_that_has_no_connection_in_time_is_an_outage() {
    SQLException pool = new SQLException("Sorry, acquisition timeout!");
    Exception hibernate =
        new GenericJDBCException("Unable to acquire JDBC Connection", pool, "select 1");

    assertThat(Outage.isBehind(pool)).isTrue();
    assertThat(Outage.isBehind(hibernate)).isTrue();
  }

  /** The transaction manager reports so what became of a commit. */
  @Test
  void an_outage_that_only_a_suppressed_exception_tells_of_is_one() {
    Exception rollback = new IllegalStateException("could not commit");
    rollback.addSuppressed(new Exception("xa", new SQLException("broken pipe", "08006")));

    assertThat(Outage.isBehind(new RuntimeException(rollback))).isTrue();
  }

  @Test
  void causes_that_go_in_a_circle_end_the_search() {
    Exception first = new Exception("first");
    Exception second = new Exception("second", first);
    first.initCause(second);
    first.addSuppressed(second);

    assertThat(Outage.isBehind(first)).isFalse();
  }
}
