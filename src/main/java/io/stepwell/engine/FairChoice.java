package io.stepwell.engine;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Predicate;

/**
 * Chooses which of the due executions to claim: in turns by workspace, the longest due of each
 * first, so that a workspace with a thousand due ones delays another by one turn and not by a
 * thousand.
 *
 * @param chosen what to claim
 * @param later suspects that are to be put off, since one of them at a time is run
 * @param leftSome whether something that is due has to wait for a slot, or for the next look
 */
record FairChoice(List<DueExecution> chosen, List<DueExecution> later, boolean leftSome) {

  /**
   * What one look may take.
   *
   * @param executions how many at most
   * @param bytes how much a claim may read
   * @param suspects how many of those that keep ending without progress
   */
  record Room(int executions, long bytes, int suspects) {}

  /**
   * @param due in the order of their turn within a workspace
   * @param takesSlot takes a slot for a workspace if it may have one more; the slots of all that
   *     are chosen are taken
   */
  static FairChoice of(
      List<DueExecution> due,
      Room room,
      Predicate<DueExecution> isSuspect,
      Predicate<UUID> takesSlot) {
    Map<UUID, ArrayDeque<DueExecution>> byWorkspace = new LinkedHashMap<>();
    for (DueExecution one : due) {
      byWorkspace.computeIfAbsent(one.workspaceId(), id -> new ArrayDeque<>()).add(one);
    }
    ArrayDeque<ArrayDeque<DueExecution>> turns = new ArrayDeque<>(byWorkspace.values());
    List<DueExecution> chosen = new ArrayList<>();
    List<DueExecution> later = new ArrayList<>();
    long bytes = 0;
    int suspects = 0;
    boolean leftSome = false;
    while (!turns.isEmpty()) {
      ArrayDeque<DueExecution> own = turns.remove();
      DueExecution next = own.remove();
      boolean suspect = isSuspect.test(next);
      if (suspect && suspects == room.suspects()) {
        later.add(next);
      } else if (chosen.size() == room.executions()
          || (bytes + next.bytes() > room.bytes() && !chosen.isEmpty())) {
        leftSome = true;
        break;
      } else if (takesSlot.test(next.workspaceId())) {
        chosen.add(next);
        bytes += next.bytes();
        suspects += suspect ? 1 : 0;
      } else {
        // the workspace has its share: its others wait, and the next workspace has its turn
        leftSome = true;
        continue;
      }
      if (!own.isEmpty()) {
        turns.add(own);
      }
    }
    return new FairChoice(chosen, later, leftSome);
  }
}
