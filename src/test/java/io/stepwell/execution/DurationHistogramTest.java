package io.stepwell.execution;

import static org.assertj.core.api.Assertions.assertThat;

import io.stepwell.TestDatabase;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Random;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;

class DurationHistogramTest {

  @Test
  void nothing_has_no_percentile() {
    assertThat(new DurationHistogram().percentile(0.5)).isNull();
  }

  @Test
  void percentiles_are_of_the_nearest_rank() {
    DurationHistogram durations = new DurationHistogram();
    for (int millis = 1; millis <= 100; millis++) {
      durations.add(millis, 1);
    }
    assertThat(durations.percentile(0.50)).isEqualTo(50);
    assertThat(durations.percentile(0.95)).isEqualTo(95);
  }

  @Test
  void what_was_taken_back_out_counts_no_more() {
    DurationHistogram durations = new DurationHistogram();
    durations.add(5, 1);
    durations.add(90, 3);
    durations.add(90, -3);
    assertThat(durations.percentile(0.95)).isEqualTo(5);
  }

  @Test
  void the_database_puts_a_duration_into_a_bucket_whose_middle_is_near() throws SQLException {
    DataSource database = TestDatabase.migrated().dataSource();
    Random random = new Random(42);
    try (Connection connection = database.getConnection();
        PreparedStatement bucket = connection.prepareStatement("select duration_bucket(?)")) {
      for (int i = 0; i < 2_000; i++) {
        long millis = i < 300 ? i : Math.round(Math.exp(random.nextDouble() * 24));
        bucket.setLong(1, millis);
        try (ResultSet row = bucket.executeQuery()) {
          row.next();
          double middle = DurationHistogram.middle(row.getInt(1));
          assertThat(Math.abs(middle - millis))
              .isLessThanOrEqualTo(millis < 128 ? 0 : millis * 0.004);
        }
      }
    }
  }
}
