package io.stepwell.engine;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import javax.sql.DataSource;

/** What a replica does with the queue, by hand; unless the test says so it has slots for all. */
final class TestReplica {
  private final FairClaims claims;
  private final LeaseRows leases;
  private final RunningExecutions running;

  TestReplica(DataSource database, Map<String, String> properties) {
    this(database, properties, new DatabaseClock(InstantSource.system()));
  }

  TestReplica(DataSource database, Map<String, String> properties, DatabaseClock clock) {
    Map<String, String> settings = new HashMap<>();
    settings.put("stepwell.engine.slots", "1000000");
    settings.putAll(properties);
    EngineConfig config = EngineDatabase.config(settings);
    SimpleMeterRegistry registry = new SimpleMeterRegistry();
    EngineMetrics metrics = new EngineMetrics(registry);
    this.running = new RunningExecutions(config, registry);
    this.claims = new FairClaims(new ClaimQueue(database, config, clock, metrics), running, config);
    this.leases = new LeaseRows(database, config, metrics);
  }

  record Found(List<Claim> claims, Optional<Instant> nextDue, boolean leftSome) {}

  Found claim(int limit) throws SQLException {
    return claim(limit, 1);
  }

  Found claim(int limit, int suspects) throws SQLException {
    FairClaims.Claimed claimed = claims.claim(limit, suspects);
    return new Found(claimed.claims(), claimed.nextDue(), claimed.leftSome());
  }

  boolean isSuspect(Claim claim) {
    return claims.isSuspect(claim.claims());
  }

  RunningExecutions running() {
    return running;
  }

  Set<UUID> renew(Collection<Lease> held) throws SQLException {
    return leases.renew(held);
  }

  Set<UUID> stillHeld(Collection<Lease> held) throws SQLException {
    return leases.stillHeld(held);
  }

  void giveBack(Collection<Lease> held) throws SQLException {
    leases.giveBack(held);
  }
}
