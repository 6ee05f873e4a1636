package io.stepwell.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

class IdsTest {
  private static final Instant NOON = Instant.parse("2026-11-22T12:00:00.123Z");

  @Test
  void ids_grow_strictly_while_the_clock_stands() {
    Ids ids = new Ids(InstantSource.fixed(NOON));
    String last = "";
    for (int i = 0; i < 10_000; i++) {
      String next = ids.next().toString();
      assertThat(next).isGreaterThan(last);
      last = next;
    }
  }

  @Test
  void ids_grow_while_the_clock_goes_back() {
    Instant[] now = {NOON};
    Ids ids = new Ids(() -> now[0]);
    String before = ids.next().toString();
    now[0] = NOON.minusSeconds(60);
    assertThat(ids.next().toString()).isGreaterThan(before);
  }

  @Test
  void an_id_is_of_version_7_and_begins_with_the_time() {
    UUID id = new Ids(InstantSource.fixed(NOON)).next();
    assertThat(id.version()).isEqualTo(7);
    assertThat(id.variant()).isEqualTo(2);
    assertThat(id.getMostSignificantBits() >>> 16).isEqualTo(NOON.toEpochMilli());
  }

  @Test
  void ids_of_many_threads_differ() throws InterruptedException {
    Ids ids = new Ids(InstantSource.fixed(NOON));
    Set<UUID> all = ConcurrentHashMap.newKeySet();
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      for (int t = 0; t < 4; t++) {
        threads.execute(() -> {
          for (int i = 0; i < 1000; i++) {
            all.add(ids.next());
          }
        });
      }
    }
    assertThat(all).hasSize(4000);
    assertThat(new HashSet<>(all.stream().map(UUID::getMostSignificantBits).toList()))
        .as("the sortable half differs too")
        .hasSize(4000);
  }

  @Test
  void only_the_canonical_form_is_read() {
    assertThat(Ids.parse("01a20586-306a-7000-bdfa-43fb7441b143")).isPresent();
    assertThat(Ids.parse("01A20586-306A-7000-BDFA-43FB7441B143"))
        .contains(UUID.fromString("01a20586-306a-7000-bdfa-43fb7441b143"));
    assertThat(Ids.parse("1-2-3-4-5")).isEmpty();
    assertThat(Ids.parse("01a20586306a7000bdfa43fb7441b143")).isEmpty();
    assertThat(Ids.parse(" 01a20586-306a-7000-bdfa-43fb7441b143")).isEmpty();
    assertThat(Ids.parse("")).isEmpty();
  }
}
