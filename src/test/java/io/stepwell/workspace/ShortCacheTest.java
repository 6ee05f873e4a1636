package io.stepwell.workspace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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

  private void pass(Duration time) {
    nanos.addAndGet(time.toNanos());
  }

  @Test
  void what_was_found_is_kept() {
    assertThat(cache.get("a", this::count)).contains(1);
    pass(Duration.ofMillis(1499));
    assertThat(cache.get("a", this::count)).contains(1);
  }

  @Test
  void from_half_of_its_lifetime_on_one_looks_again_while_the_others_go_on() {
    cache.get("a", this::count);
    pass(Duration.ofMillis(1500));
    Optional<Integer> renewed =
        cache.get(
            "a",
            key -> {
              assertThat(cache.get(key, this::count)).contains(1);
              return count(key);
            });
    assertThat(renewed).contains(2);
    assertThat(cache.get("a", this::count)).contains(2);
  }

  @Test
  void after_its_lifetime_nobody_is_served_from_it() {
    cache.get("a", this::count);
    pass(Duration.ofSeconds(2));
    assertThatThrownBy(() -> cache.get("a", this::fail)).hasMessage("no database");
    assertThat(cache.get("a", this::count)).contains(1);
    pass(Duration.ofSeconds(1));
    assertThatThrownBy(() -> cache.get("a", this::fail)).hasMessage("no database");
    assertThat(cache.get("a", this::count)).contains(2);
  }

  @Test
  void a_use_does_not_prolong_the_lifetime() {
    cache.get("a", this::count);
    for (int use = 0; use < 4; use++) {
      pass(Duration.ofMillis(500));
      cache.get("a", this::count);
    }
    assertThat(lookUps).hasValue(2);
  }

  @Test
  void the_time_that_a_look_up_takes_counts() {
    cache.get(
        "a",
        key -> {
          pass(Duration.ofSeconds(3));
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

  private Optional<Integer> fail(String key) {
    throw new IllegalStateException("no database");
  }

  private Optional<Integer> count(String key) {
    return Optional.of(lookUps.incrementAndGet());
  }
}
