package io.stepwell.kernel;

import java.util.ArrayList;
import java.util.List;

/**
 * One thing that is wrong with a request. What is longer than {@value #MOST_CHARACTERS} characters
 * is cut: names and values are those of whoever sent the request.
 *
 * @param pointer RFC 6901 pointer to the place, empty for the whole document
 * @param detail a sentence for a person
 */
public record Problem(String pointer, String detail) {
  /** A list has at most so many, and then one that says how many more there are. */
  public static final int MOST = 100;

  static final int MOST_CHARACTERS = 300;

  public Problem {
    pointer = cut(pointer);
    detail = cut(detail);
  }

  static String cut(String text) {
    if (text.length() <= MOST_CHARACTERS) {
      return text;
    }
    int end = MOST_CHARACTERS - 1;
    // half a pair is not a character
    return text.substring(0, Character.isHighSurrogate(text.charAt(end - 1)) ? end - 1 : end) + "…";
  }

  /** The first {@value #MOST}, and one of {@code pointer} that says how many there are beyond. */
  static List<Problem> first(List<Problem> problems, int count, String pointer) {
    // one more: the last says already how many there are beyond
    if (count <= MOST || count == MOST + 1 && problems.size() == count) {
      return List.copyOf(problems);
    }
    List<Problem> first = new ArrayList<>(problems.subList(0, Math.min(MOST, problems.size())));
    first.add(new Problem(pointer, "and " + (count - first.size()) + " more"));
    return List.copyOf(first);
  }

  /** The pointer of a member below {@code parent}. */
  public static String child(String parent, String name) {
    return parent + "/" + name.replace("~", "~0").replace("/", "~1");
  }

  /** The pointer of an array element below {@code parent}. */
  public static String child(String parent, int index) {
    return parent + "/" + index;
  }
}
