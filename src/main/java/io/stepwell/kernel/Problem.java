package io.stepwell.kernel;

/**
 * One thing that is wrong with a request.
 *
 * @param pointer RFC 6901 pointer to the place, empty for the whole document
 * @param detail a sentence for a person
 */
public record Problem(String pointer, String detail) {

  /** The pointer of a member below {@code parent}. */
  public static String child(String parent, String name) {
    return parent + "/" + name.replace("~", "~0").replace("/", "~1");
  }

  /** The pointer of an array element below {@code parent}. */
  public static String child(String parent, int index) {
    return parent + "/" + index;
  }
}
