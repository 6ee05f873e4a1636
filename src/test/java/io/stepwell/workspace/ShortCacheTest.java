package io.stepwell.workspace;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ShortCacheTest {
  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 10);
  private final AtomicInteger lookUps = new AtomicInteger();
  private final ShortCache<String, Integer> cache =
      new ShortCache<>(3, Duration.ofSeconds(3), nanos::get);

  @Test
  void what_was_found_is_kept_for_its_lifetime_and_no_longer() {
    assertThat(cache.get("a", this::count)).contains(1);
    nanos.addAndGet(Duration.ofSeconds(3).toNanos() - 1);
    assertThat(cache.get("a", this::count)).contains(1);
    nanos.addAndGet(1);
    assertThat(cache.get("a", this::count)).contains(2);
  }

  @Test
  void a_use_does_not_prolong_the_lifetime() {
    cache.get("a", this::count);
    for (int second = 0; second < 3; second++) {
      nanos.addAndGet(Duration.ofSeconds(1).toNanos());
      cache.get("a", this::count);
    }
    assertThat(lookUps).hasValue(2);
  }

  @Test
  void the_time_that_a_look_up_takes_counts() {
    cache.get(
        "a",
        key -> {
          nanos.addAndGet(Duration.ofSeconds(3).toNanos());
          return count(key);
        });
    assertThat(cache.get("a", this::count)).contains(2);
  }

  @Test
  void absence_is_not_kept() {
    assertThat(cache.get("a", key -> Optional.empty())).isEmpty();
    assertThat(cache.get("a", this::count)).contains(1);
  }

  @Test
  void what_was_looked_up_before_a_clear_is_not_kept_after_it() {
    cache.get(
        "a",
        key -> {
          cache.clear();
          return count(key);
        });
    assertThat(cache.get("a", this::count)).contains(2);
  }

  @Test
  void it_does_not_grow_beyond_its_capacity() {
    for (int i = 0; i < 100; i++) {
      cache.get("key " + i, this::count);
      assertThat(cache.size()).isLessThanOrEqualTo(3);
    }
  }

  private Optional<Integer> count(String key) {
    return Optional.of(lookUps.incrementAndGet());
  }
}
