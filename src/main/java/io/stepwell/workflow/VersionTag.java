package io.stepwell.workflow;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * The entity tag of a workflow, {@code "<version>"}, and the conditions that a request can put on
 * it (RFC 9110, sections 13.1.1 and 13.1.2).
 */
final class VersionTag {
  private VersionTag() {}

  static String of(int version) {
    return "\"" + version + "\"";
  }

  /**
   * Whether {@code If-Match} lets the request through: it is absent, {@code *}, or lists the tag.
   * The comparison is strong, so a weak tag matches nothing; neither does what is no tag at all.
   */
  static boolean passes(List<String> ifMatch, int version) {
    return ifMatch.isEmpty() || tags(ifMatch).anyMatch(t -> t.equals("*") || t.equals(of(version)));
  }

  /** Whether {@code If-None-Match} says that the client has this version; weak tags match, too. */
  static boolean known(List<String> ifNoneMatch, int version) {
    return tags(ifNoneMatch)
        .map(t -> t.startsWith("W/") ? t.substring(2) : t)
        .anyMatch(t -> t.equals("*") || t.equals(of(version)));
  }

  private static Stream<String> tags(List<String> lines) {
    return lines.stream().flatMap(line -> Arrays.stream(line.split(","))).map(String::strip);
  }
}
