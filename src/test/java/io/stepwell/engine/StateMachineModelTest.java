package io.stepwell.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.stepwell.TestWorkspace;
import io.stepwell.Tries;
import io.stepwell.engine.Command.Kind;
import io.stepwell.engine.Command.Race;
import io.stepwell.engine.Command.Story;
import io.stepwell.engine.Flow.Verdict;
import io.stepwell.engine.Flow.Work;
import io.stepwell.engine.Reference.Outcome;
import io.stepwell.workflow.OnError;
import jakarta.inject.Inject;
import jakarta.inject.Named;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.sql.DataSource;
import org.jboss.logging.Logger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whatever clients, replicas and time do, the engine goes the way of the reference. */
@QuarkusTest
@TestProfile(DrivenByHand.class)
class StateMachineModelTest {
  private static final Logger LOG = Logger.getLogger(StateMachineModelTest.class);
  private static final int STORIES = 2_000;
  private static final int RACES = 150;
  private static final int EVERYDAY_STORIES = 400;
  private static final int EVERYDAY_RACES = 30;

  @Inject
  @Named("engine")
  DataSource database;

  private final Map<String, Integer> seen = new TreeMap<>();
  private Rows rows;
  private DatabaseTime time;

  @BeforeEach
  void createWorkspace() throws SQLException {
    rows = new Rows(database, TestWorkspace.create().id());
    time = new DatabaseTime(database);
  }

  private World world(Story story) throws Exception {
    World world = new World(rows, time, story.flows(), seen);
    world.apply(new Command.Start(0, 0));
    for (Command command : story.commands()) {
      world.apply(command);
    }
    return world;
  }

  @Test
  void the_engine_goes_the_way_of_the_reference() {
    int tries =
        AnyCase.holds(
            Story.any(),
            Tries.of(EVERYDAY_STORIES, STORIES),
            story -> {
              try (World world = world(story)) {
                world.end();
              }
            });
    LOG.infof("%d stories: %s", tries, seen);
    if (tries >= STORIES) {
      assertThat(seen)
          .as("what must not be missing for the test to mean something")
          .containsKeys("Crash", "Drain", "LookAfterLeases", "Renew", "Signal", "poisoned")
          .containsKeys("zombie", "COMPLETED", "FAILED", "CANCELLED", "Retry")
          .allSatisfy((what, times) -> assertThat(times).as(what).isGreaterThan(STORIES / 100));
    }
  }

  @Test
  void a_wait_whose_end_is_never_recorded_is_poisoned_like_any_step() throws Exception {
    List<Command> commands = new ArrayList<>();
    commands.add(new Command.Claim(0, true));
    commands.add(new Command.Let(0, Outcome.SLEEP));
    commands.add(new Command.Pass(151));
    for (int i = 0; i < Reference.MAX_CLAIMS; i++) {
      commands.add(new Command.Claim(0, false));
      commands.add(new Command.Pass(61));
    }
    commands.add(new Command.Claim(0, true));
    tell(commands);
    assertThat(seen).containsEntry("poisoned", 1);
  }

  @Test
  void a_replica_does_not_prolong_what_another_one_has_taken() throws Exception {
    tell(
        List.of(
            new Command.Claim(0, true),
            new Command.Pass(61),
            new Command.Claim(1, true),
            new Command.Pass(23),
            new Command.Renew(0)));
  }

  @Test
  void a_signal_that_comes_after_the_claim_is_not_slept_over() throws Exception {
    tell(
        List.of(
            new Command.Claim(0, true),
            new Command.Let(0, Outcome.AWAIT_SIGNAL),
            new Command.Signal(0, Kind.STRAY),
            new Command.Claim(0, false),
            new Command.Signal(0, Kind.GOOD),
            new Command.Run(0)));
  }

  /** A story of one step. */
  private void tell(List<Command> commands) throws Exception {
    Flow work = new Work(true, false, Verdict.TRUE, OnError.STOP);
    try (World world = world(new Story(List.of(work), commands))) {
      world.end();
    }
  }

  @Test
  void of_two_who_want_a_row_at_once_one_comes_after_the_other() {
    int tries =
        AnyCase.holds(
            Race.any(),
            Tries.of(EVERYDAY_RACES, RACES),
            race -> {
              try (World world = world(race.before())) {
                world.race(race.first(), race.second());
                world.end();
              }
            });
    LOG.infof("%d races: %s", tries, seen);
    if (tries >= RACES) {
      assertThat(seen.get("race")).isGreaterThan(RACES / 10);
    }
  }
}
