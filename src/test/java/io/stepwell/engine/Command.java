package io.stepwell.engine;

import io.stepwell.engine.Reference.Outcome;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.RandomDistribution;
import net.jqwik.api.Tuple;

/**
 * Something that clients, replicas or time do. A number chooses among those there are at the time;
 * where there is none, nothing happens.
 */
sealed interface Command {

  /**
   * Asks for an execution.
   *
   * @param key of idempotency, 0 for none
   */
  record Start(int key, int body) implements Command {}

  /** A replica claims everything that is due; what is claimed may begin to run at once. */
  record Claim(int replica, boolean run) implements Command {}

  /** Runs what was claimed before. */
  record Run(int claim) implements Command {}

  /** Ends the attempt that a runner makes, whether the execution is still its own or not. */
  record Let(int runner, Outcome outcome) implements Command {}

  /** A runner is gone; the rows stay. */
  record Crash(int runner) implements Command {}

  record Pass(int minutes) implements Command {}

  record Cancel(int execution) implements Command {}

  record Retry(int execution) implements Command {}

  /** How a signal may come; a stray one is for a step that waits for none. */
  enum Kind {
    GOOD,
    BAD,
    STRAY
  }

  /** Says that a step need wait no longer. */
  record Signal(int execution, Kind kind) implements Command {}

  /** A replica prolongs what it has, or believes to have. */
  record Renew(int replica) implements Command {}

  /** A replica ends what is no longer its own. */
  record LookAfterLeases(int replica) implements Command {}

  /** A replica stops, and gives back what it has not finished. */
  record Drain(int replica) implements Command {}

  static Arbitrary<Command> any() {
    Arbitrary<Integer> which = Arbitraries.integers().between(0, 2);
    return Arbitraries.frequencyOf(
        Tuple.of(3, Combinators.combine(which, Arbitraries.of(0, 1)).as(Start::new)),
        Tuple.of(
            8,
            Combinators.combine(replica(), Arbitraries.of(true, true, true, false)).as(Claim::new)),
        Tuple.of(2, which.map(Run::new)),
        Tuple.of(16, Combinators.combine(which, outcomes()).as(Let::new)),
        Tuple.of(2, which.map(Crash::new)),
        Tuple.of(4, Arbitraries.of(23, 61, 151, 301).map(Pass::new)),
        Tuple.of(1, which.map(Cancel::new)),
        Tuple.of(2, which.map(Retry::new)),
        Tuple.of(2, Combinators.combine(which, Arbitraries.of(Kind.class)).as(Signal::new)),
        Tuple.of(2, replica().map(Renew::new)),
        Tuple.of(1, replica().map(LookAfterLeases::new)),
        Tuple.of(2, replica().map(Drain::new)));
  }

  /**
   * What waits for the lock of a place in the queue, and does all that it does in a transaction.
   */
  static Arbitrary<Command> lockingTheQueue() {
    Arbitrary<Integer> which = Arbitraries.integers().between(0, 2);
    return Arbitraries.oneOf(
        which.map(Cancel::new),
        Combinators.combine(which, Arbitraries.of(Kind.class)).as(Signal::new));
  }

  /** The same of an execution's row. */
  static Arbitrary<Command> lockingTheExecution() {
    return Arbitraries.integers().between(0, 2).map(Retry::new);
  }

  private static Arbitrary<Integer> replica() {
    return Arbitraries.of(0, 1);
  }

  private static Arbitrary<Outcome> outcomes() {
    return Arbitraries.frequency(
        Tuple.of(5, Outcome.SUCCESS),
        Tuple.of(1, Outcome.SUCCESS_WITH_NOTE),
        Tuple.of(3, Outcome.FAILURE),
        Tuple.of(1, Outcome.PERMANENT_FAILURE),
        Tuple.of(1, Outcome.SLEEP),
        Tuple.of(2, Outcome.AWAIT_SIGNAL));
  }

  /** What happens to a workflow's executions, the first of which is there already. */
  record Story(List<Flow> flows, List<Command> commands) {
    static Arbitrary<Story> any() {
      Arbitrary<List<Command>> commands =
          Command.any().list().ofMaxSize(36).withSizeDistribution(RandomDistribution.uniform());
      return Combinators.combine(Flow.lists(), commands).as(Story::new);
    }
  }

  /** Two who want the same row at the same time, after what happened before. */
  record Race(Story before, Command first, Command second) {
    static Arbitrary<Race> any() {
      return Arbitraries.oneOf(
          Combinators.combine(Story.any(), lockingTheQueue(), lockingTheQueue()).as(Race::new),
          Combinators.combine(Story.any(), lockingTheExecution(), lockingTheExecution())
              .as(Race::new));
    }
  }
}
