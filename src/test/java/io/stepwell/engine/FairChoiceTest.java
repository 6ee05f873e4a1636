package io.stepwell.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.stepwell.engine.FairChoice.Room;
import io.stepwell.kernel.FairBudget;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class FairChoiceTest {
  private static final Room ROOM = new Room(10, 1_000, 1);

  private final UUID greedy = UUID.randomUUID();
  private final UUID other = UUID.randomUUID();
  private final FairBudget slots = new FairBudget(100, 0.75);

  private static List<DueExecution> due(UUID workspace, int count) {
    List<DueExecution> due = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      due.add(new DueExecution(workspace, UUID.randomUUID(), 0, 1));
    }
    return due;
  }

  private FairChoice choose(List<DueExecution> due, Room room) {
    return FairChoice.of(due, room, one -> one.claims() > 2, id -> slots.take(id, 1));
  }

  @Test
  void a_workspace_with_much_that_is_due_delays_another_by_one_turn() {
    List<DueExecution> due = new ArrayList<>(due(greedy, 50));
    List<DueExecution> behind = due(other, 2);
    due.addAll(behind);

    FairChoice choice = choose(due, ROOM);

    assertThat(choice.chosen()).hasSize(10).containsAll(behind).startsWith(due.getFirst());
    assertThat(choice.leftSome()).isTrue();
  }

  @Test
  void within_a_workspace_the_longest_due_comes_first() {
    List<DueExecution> due = due(greedy, 5);

    FairChoice choice = choose(due, ROOM);

    assertThat(choice.chosen()).isEqualTo(due);
    assertThat(choice.leftSome()).isFalse();
  }

  @Test
  void a_workspace_that_has_its_share_waits_and_the_others_go_on() {
    for (int i = 0; i < 75; i++) {
      slots.take(greedy, 1);
    }
    List<DueExecution> due = new ArrayList<>(due(greedy, 5));
    List<DueExecution> behind = due(other, 3);
    due.addAll(behind);

    FairChoice choice = choose(due, ROOM);

    assertThat(choice.chosen()).isEqualTo(behind);
    assertThat(choice.leftSome()).isTrue();
  }

  @Test
  void what_is_claimed_at_once_weighs_no_more_than_its_bound_but_for_one_alone() {
    DueExecution heavy = new DueExecution(greedy, UUID.randomUUID(), 0, 5_000);
    DueExecution light = new DueExecution(other, UUID.randomUUID(), 0, 10);

    assertThat(choose(List.of(heavy, light), ROOM).chosen()).containsExactly(heavy);
    assertThat(choose(List.of(light, heavy), ROOM).chosen()).containsExactly(light);
  }

  @Test
  void one_suspect_is_chosen_and_the_others_are_put_off() {
    List<DueExecution> suspects =
        due(greedy, 3).stream()
            .map(one -> new DueExecution(one.workspaceId(), one.executionId(), 3, 1))
            .collect(Collectors.toList());
    List<DueExecution> due = new ArrayList<>(suspects);
    due.addAll(due(greedy, 1));

    FairChoice choice = choose(due, ROOM);

    assertThat(choice.chosen()).containsExactly(suspects.getFirst(), due.getLast());
    assertThat(choice.later()).isEqualTo(suspects.subList(1, 3));
    assertThat(choose(suspects, new Room(10, 1_000, 0)).chosen()).isEmpty();
  }
}
