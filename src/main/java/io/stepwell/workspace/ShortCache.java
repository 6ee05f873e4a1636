package io.stepwell.workspace;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.LongSupplier;

/**
 * Keeps what was found for a few seconds, so that a change made on another replica is seen after at
 * most that long; {@link #clear} makes a change of this replica visible at once.
 *
 * <p>What is asked for all the time is looked up again at half of its lifetime, by one of those who
 * ask, so that they never all do. Thread-safe; no lock is held while something is looked up.
 * Absence is not kept.
 */
final class ShortCache<K, V> {
  private record Entry<V>(V value, long since, AtomicBoolean renewing) {}

  private final ConcurrentHashMap<K, Entry<V>> entries = new ConcurrentHashMap<>();
  private final AtomicLong generation = new AtomicLong();
  private final int capacity;
  private final long lifetimeNanos;
  private final LongSupplier nanoTime;

  ShortCache(int capacity, Duration lifetime) {
    this(capacity, lifetime, System::nanoTime);
  }

  ShortCache(int capacity, Duration lifetime, LongSupplier nanoTime) {
    this.capacity = capacity;
    this.lifetimeNanos = lifetime.toNanos();
    this.nanoTime = nanoTime;
  }

  /** What is kept for the key, else what {@code lookUp} finds. */
  Optional<V> get(K key, Function<K, Optional<V>> lookUp) {
    Entry<V> kept = entries.get(key);
    // the age counts from before the look-up: what it read may be as old as its beginning
    long now = nanoTime.getAsLong();
    if (kept != null && serves(kept, now)) {
      return Optional.of(kept.value);
    }
    long before = generation.get();
    Optional<V> found = lookUp.apply(key);
    if (found.isEmpty()) {
      entries.remove(key);
      return found;
    }
    makeRoom();
    Entry<V> entry = new Entry<>(found.get(), now, new AtomicBoolean());
    entries.put(key, entry);
    // race: a clear during the look-up, which may have read what is no longer true
    if (generation.get() != before) {
      entries.remove(key, entry);
    }
    return found;
  }

  /** Whether it is young, or somebody who came before looks it up again already. */
  private boolean serves(Entry<V> kept, long now) {
    long age = now - kept.since;
    return age < lifetimeNanos / 2
        || age < lifetimeNanos && !kept.renewing.compareAndSet(false, true);
  }

  void clear() {
    generation.incrementAndGet();
    entries.clear();
  }

  int size() {
    return entries.size();
  }

  private void makeRoom() {
    if (entries.size() < capacity) {
      return;
    }
    long now = nanoTime.getAsLong();
    entries.values().removeIf(entry -> now - entry.since >= lifetimeNanos);
    if (entries.size() >= capacity) {
      entries.clear();
    }
  }
}
