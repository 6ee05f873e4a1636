package io.stepwell.faults;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;

import io.stepwell.faults.History.Disturbance;
import io.stepwell.faults.History.Effect;
import io.stepwell.faults.History.ExecutionState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What a run amounts to, in numbers of the machine that it ran on. */
final class Figures {
  private Figures() {}

  static String of(History history) {
    Map<String, List<ExecutionState>> executions =
        history.executions().stream().collect(groupingBy(ExecutionState::id));
    Map<String, Long> ends =
        executions.values().stream()
            .collect(groupingBy(states -> states.getLast().status(), TreeMap::new, counting()));
    Map<String, List<Effect>> effects = history.effects().stream().collect(groupingBy(Effect::key));
    Map<String, Long> faults =
        history.disturbances().stream()
            .collect(groupingBy(Disturbance::fault, TreeMap::new, counting()));
    int reclaims = executions.values().stream().mapToInt(Checker::reclaims).sum();
    long kills = faults.getOrDefault("KILL", 0L);
    return """
    operations %d, succeeded %d, executions acknowledged %d, of which ended %s
    effects %d, repeated ones %d; streams %d with %d events
    faults %s
    kills %d, fences %.0f, executions claimed again %d
    recovery: first execution begun and ended after a fault was healed, %s
    takeover: from a kill to the next claim of what it left, %s
    """
        .formatted(
            history.operations(),
            history.succeeded(),
            history.accepted().size(),
            ends,
            history.effects().size(),
            effects.values().stream().mapToInt(calls -> calls.size() - 1).sum(),
            history.told().stream().map(History.Told::stream).distinct().count(),
            history.told().size(),
            faults,
            kills,
            history.fences(),
            reclaims,
            percentiles(recoveries(history, executions)),
            percentiles(takeovers(history, executions)));
  }

  private static List<Duration> recoveries(
      History history, Map<String, List<ExecutionState>> executions) {
    List<Duration> recoveries = new ArrayList<>();
    for (Disturbance fault : history.disturbances()) {
      Optional<Instant> ended =
          executions.values().stream()
              .filter(states -> states.getFirst().at().isAfter(fault.until()))
              .map(List::getLast)
              .filter(state -> state.status().equals("COMPLETED"))
              .map(ExecutionState::at)
              .min(Instant::compareTo);
      ended.ifPresent(at -> recoveries.add(Duration.between(fault.until(), at)));
    }
    return recoveries;
  }

  private static List<Duration> takeovers(
      History history, Map<String, List<ExecutionState>> executions) {
    List<Duration> takeovers = new ArrayList<>();
    List<Instant> kills =
        history.disturbances().stream()
            .filter(fault -> fault.fault().equals("KILL"))
            .map(Disturbance::from)
            .toList();
    executions
        .values()
        .forEach(states -> {
          for (int i = 1; i < states.size(); i++) {
            ExecutionState before = states.get(i - 1);
            ExecutionState now = states.get(i);
            if (!before.token().isEmpty()
                && !now.token().isEmpty()
                && !now.token().equals(before.token())) {
              kills.stream()
                  .filter(kill -> kill.isAfter(before.at()) && kill.isBefore(now.at()))
                  .findFirst()
                  .ifPresent(kill -> takeovers.add(Duration.between(kill, now.at())));
            }
          }
        });
    return takeovers;
  }

  private static String percentiles(List<Duration> durations) {
    if (durations.isEmpty()) {
      return "none";
    }
    List<Duration> sorted = durations.stream().sorted().toList();
    return "p50 %d ms, max %d ms (%d)"
        .formatted(
            sorted.get(sorted.size() / 2).toMillis(), sorted.getLast().toMillis(), sorted.size());
  }
}
