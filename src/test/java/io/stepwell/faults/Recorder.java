package io.stepwell.faults;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stepwell.faults.Cluster.Member;
import io.stepwell.faults.History.Accepted;
import io.stepwell.faults.History.Cancelled;
import io.stepwell.faults.History.Disturbance;
import io.stepwell.faults.History.Effect;
import io.stepwell.faults.History.Observed;
import io.stepwell.faults.History.Told;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;

/** Writes down what is done to a cluster, and what its replicas say of themselves meanwhile. */
final class Recorder implements AutoCloseable {
  private static final String FENCED = "stepwell_journal_fenced_total";
  private static final Duration TURN = Duration.ofMillis(500);

  private final Cluster cluster;
  private final List<Disturbance> disturbances = new CopyOnWriteArrayList<>();
  private final Map<Long, Double> fencesByProcess = new ConcurrentHashMap<>();
  private volatile boolean closed;

  private Recorder(Cluster cluster) {
    this.cluster = cluster;
  }

  static Recorder of(Cluster cluster) {
    Recorder recorder = new Recorder(cluster);
    Thread.ofVirtual().name("recorder").start(recorder::sample);
    return recorder;
  }

  /** A counter dies with its process, so it is read all the time. */
  private void sample() {
    while (!closed) {
      Instant begin = Instant.now();
      cluster.members().forEach(this::sample);
      LockSupport.parkNanos(TURN.toNanos());
      Instant end = Instant.now();
      // where nothing moves for so long a lease can be lost without anybody's doing
      if (Duration.between(begin, end).compareTo(Cluster.LEASE) > 0) {
        disturbed("MACHINE_BUSY", begin, end);
      }
    }
  }

  private void sample(Member member) {
    long process = member.replica().pid();
    cluster.api().metric(member, FENCED).ifPresent(n -> fencesByProcess.put(process, n));
  }

  void disturbed(String fault, Instant from, Instant until) {
    disturbances.add(new Disturbance(fault, from, until));
  }

  History history(
      int operations,
      int succeeded,
      List<Accepted> accepted,
      List<String> refusals,
      List<Observed> observed,
      List<Cancelled> cancelled,
      List<Told> told,
      ObjectNode statistics)
      throws SQLException {
    Map<String, Integer> counted = new HashMap<>();
    statistics.properties().forEach(e -> counted.put(e.getKey(), e.getValue().asInt()));
    List<Effect> effects =
        cluster.sink().calls().stream()
            .map(call -> new Effect(call.key(), call.at(), call.refused()))
            .toList();
    cluster.members().forEach(this::sample);
    return new History(
        operations,
        succeeded,
        List.copyOf(accepted),
        List.copyOf(refusals),
        List.copyOf(observed),
        List.copyOf(cancelled),
        effects,
        List.copyOf(told),
        Audit.executions(cluster.postgres()),
        Audit.steps(cluster.postgres()),
        List.copyOf(disturbances),
        fences(),
        counted);
  }

  /** How many results were dropped for a lost lease so far. */
  double fences() {
    return fencesByProcess.values().stream().mapToDouble(Double::doubleValue).sum();
  }

  @Override
  public void close() {
    closed = true;
  }
}
