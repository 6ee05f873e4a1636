package io.stepwell.sample;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * The quick start of the README.
 *
 * @param start the command that starts the service
 * @param execute the command that executes a workflow
 * @param accepted what it prints
 * @param stream the command that streams the execution
 * @param events what it prints
 */
record QuickStart(String start, String execute, String accepted, String stream, String events) {
  private static final Pattern BLOCK = Pattern.compile("```\\w+\n(.*?)```", Pattern.DOTALL);

  static QuickStart read() {
    String section = section("Quick start");
    List<String> blocks =
        BLOCK.matcher(section).results().map((MatchResult block) -> block.group(1)).toList();
    if (blocks.size() != 5) {
      throw new IllegalStateException("the quick start has " + blocks.size() + " blocks, not 5");
    }
    return new QuickStart(
        blocks.get(0), blocks.get(1), blocks.get(2), blocks.get(3), blocks.get(4));
  }

  /** What stands below a heading of the README. */
  static String section(String heading) {
    String readme = readme();
    int from = readme.indexOf("\n## " + heading + "\n");
    if (from < 0) {
      throw new IllegalStateException("the README has no " + heading);
    }
    int to = readme.indexOf("\n## ", from + 1);
    return readme.substring(from, to < 0 ? readme.length() : to);
  }

  private static String readme() {
    try {
      return Files.readString(Path.of("README.md"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
