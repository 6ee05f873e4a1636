package io.stepwell.stream;

import io.stepwell.kernel.Failure;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A place in the stream of an execution: what a client has seen when it has seen this event.
 *
 * @param change the number of the last step change
 * @param part which event that change brought
 */
record EventId(int change, Part part) {

  /** The events that one change brings, in their order. */
  enum Part {
    STEP,
    PROGRESS,
    COMPLETE
  }

  private static final Pattern TEXT = Pattern.compile("(0|[1-9]\\d{0,8})\\.([012])");

  /** Before everything. */
  static final EventId START = new EventId(0, Part.STEP);

  /**
   * Reads what a client sends as {@code Last-Event-ID}.
   *
   * @throws Failure of kind MALFORMED
   */
  static EventId parse(String text) {
    Matcher matcher = TEXT.matcher(text);
    if (!matcher.matches()) {
      throw Failure.malformed(
          "invalid_last_event_id", "Last-Event-ID is not one that this stream gave out.");
    }
    return new EventId(
        Integer.parseInt(matcher.group(1)), Part.values()[Integer.parseInt(matcher.group(2))]);
  }

  @Override
  @SuppressWarnings("EnumOrdinal") // the order of the parts is the order of events
  public String toString() {
    return change + "." + part.ordinal();
  }
}
