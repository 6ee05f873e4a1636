package io.stepwell.stream;

import io.stepwell.execution.ExecutionQueries.ChangedStep;
import io.stepwell.execution.ExecutionQueries.Since;
import io.stepwell.execution.Progress;
import io.stepwell.stream.EventId.Part;
import java.util.ArrayList;
import java.util.List;

/**
 * Turns what happened to an execution into events, once each: a pure function of what the client
 * has seen and what the database says. Not thread-safe.
 */
final class Narration {
  private EventId seen;
  private boolean begun;
  private int percentage;

  /**
   * @param seen the last event that the client has seen
   */
  Narration(EventId seen) {
    this.seen = seen;
  }

  /** The number of the last change that was told: what to ask the database for. */
  int change() {
    return seen.change();
  }

  /** The events that bring the client from what it has seen to what is. */
  List<StreamEvent> tell(Since since) {
    List<StreamEvent> events = new ArrayList<>();
    boolean replay = !begun;
    if (replay) {
      begun = true;
      events.add(StreamEvent.Connected.of(seen, since.execution()));
    }
    if (replay) {
      replay(since, events);
    } else {
      live(since, events);
    }
    if (since.execution().status().isTerminal()) {
      StreamEvent.Complete complete = StreamEvent.Complete.of(since.change(), since.execution());
      seen = complete.id();
      events.add(complete);
    }
    return events;
  }

  /** What the client has missed: every step, then how far that is. */
  private void replay(Since since, List<StreamEvent> events) {
    boolean ended = seen.part() == Part.STEP && seen.change() > 0;
    for (ChangedStep changed : since.changed()) {
      ended |= changed.step().status().isTerminal();
      step(changed, events);
    }
    boolean finishedAfresh = since.execution().status().isTerminal() && seen.equals(EventId.START);
    if (ended || finishedAfresh) {
      progress(since.execution().progress(), events);
    }
  }

  /** What happens while the client listens: how far it is after each step that ends. */
  private void live(Since since, List<StreamEvent> events) {
    for (int i = 0; i < since.changed().size(); i++) {
      ChangedStep changed = since.changed().get(i);
      step(changed, events);
      if (changed.step().status().isTerminal()) {
        Progress progress = since.execution().progress();
        for (ChangedStep later : since.changed().subList(i + 1, since.changed().size())) {
          progress = progress.before(later.step().status(), percentage);
        }
        progress(progress, events);
      }
    }
  }

  private void step(ChangedStep changed, List<StreamEvent> events) {
    seen = new EventId(changed.change(), Part.STEP);
    events.add(new StreamEvent.StepChanged(seen, changed.step()));
  }

  private void progress(Progress progress, List<StreamEvent> events) {
    seen = new EventId(seen.change(), Part.PROGRESS);
    percentage = progress.percentage();
    events.add(new StreamEvent.ProgressMade(seen, progress));
  }
}
