package io.stepwell.workspace;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.LongSupplier;

/**
 * Keeps what was found for a few seconds, so that a change made on another replica is seen after at
 * most that long; {@link #clear} makes a change of this replica visible at once.
 *
 * <p>Thread-safe; no lock is held while something is looked up. Absence is not kept.
 */
final class ShortCache<K, V> {
  private record Entry<V>(V value, long since) {}

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
    if (kept != null && now - kept.since < lifetimeNanos) {
      return Optional.of(kept.value);
    }
    long before = generation.get();
    Optional<V> found = lookUp.apply(key);
    if (found.isEmpty()) {
      entries.remove(key);
      return found;
    }
    makeRoom();
    Entry<V> entry = new Entry<>(found.get(), now);
    entries.put(key, entry);
    // race: a clear during the look-up, which may have read what is no longer true
    if (generation.get() != before) {
      entries.remove(key, entry);
    }
    return found;
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
