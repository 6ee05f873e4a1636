package io.stepwell.tables;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads SQL and HQL as far as a rule needs it; not more than how this project writes them. */
final class Statements {
  private static final Pattern TABLE =
      Pattern.compile("\\b(from|join|into|update|using)\\s+(\\w+)(?:[ \\t]+(?:as[ \\t]+)?(\\w+))?");

  private static final Set<String> NO_ALIAS =
      Set.of(
          "set",
          "where",
          "on",
          "join",
          "cross",
          "left",
          "order",
          "group",
          "limit",
          "for",
          "select",
          "values",
          "using",
          "returning",
          "as");

  private static final Pattern SET = Pattern.compile("\\bset\\b");
  private static final Pattern END_OF_SET = Pattern.compile("\\b(from|where|returning)\\b");
  private static final Pattern VOLATILE =
      Pattern.compile("\\b(random|gen_random_uuid|clock_timestamp|nextval)\\s*\\(");
  private static final Pattern NOW = Pattern.compile("\\bnow\\s*\\(");

  private Statements() {}

  /**
   * The tables of workspaces that a statement touches without comparing their workspace; a row that
   * is inserted must be given one.
   *
   * @param tables by their names in SQL; in HQL every {@code …Entity} is one
   */
  static List<String> withoutWorkspace(String statement, Set<String> tables) {
    List<String> missing = new ArrayList<>();
    for (MatchResult found : TABLE.matcher(statement).results().toList()) {
      String table = found.group(2);
      boolean entity = table.endsWith("Entity");
      if (!entity && !tables.contains(table)) {
        continue;
      }
      String column = entity ? "workspaceId" : "workspace_id";
      if (!names(statement, found, column)) {
        missing.add(table);
      }
    }
    return missing;
  }

  private static boolean names(String statement, MatchResult found, String column) {
    if (found.group(1).equals("into")) {
      int columns = statement.indexOf('(', found.end(2));
      return columns >= 0
          && statement.substring(columns, statement.indexOf(')', columns)).contains(column);
    }
    @Nullable String alias = found.group(3);
    if (alias == null || NO_ALIAS.contains(alias)) {
      String rest = statement.substring(found.start());
      return Pattern.compile("(?<![.\\w])(" + found.group(2) + "\\.)?" + column + " = [?:\\w]")
          .matcher(rest)
          .find();
    }
    String own = Pattern.quote(alias + "." + column);
    return Pattern.compile("(?<!\\w)" + own + " =|= " + own + "\\b").matcher(statement).find();
  }

  /** What an update sets to a value that two nodes would not agree on. */
  static List<String> unevenUpdates(String statement) {
    List<String> problems = new ArrayList<>();
    Matcher set = SET.matcher(statement);
    while (set.find()) {
      String assignments = assignments(statement, set.end());
      if (VOLATILE.matcher(assignments).find()) {
        problems.add("a volatile function in: " + assignments.strip());
      }
      if (conditional(assignments).stream().anyMatch(part -> NOW.matcher(part).find())) {
        problems.add("now() inside case or coalesce in: " + assignments.strip());
      }
    }
    return problems;
  }

  private static String assignments(String statement, int start) {
    int depth = 0;
    for (int at = start; at < statement.length(); at++) {
      char c = statement.charAt(at);
      depth += c == '(' ? 1 : c == ')' ? -1 : 0;
      Matcher end = END_OF_SET.matcher(statement).region(at, statement.length());
      boolean word = Character.isWhitespace(statement.charAt(at - 1)) && end.lookingAt();
      if (depth < 0 || (depth == 0 && word)) {
        return statement.substring(start, at);
      }
    }
    return statement.substring(start);
  }

  /** What stands between {@code case} and {@code end}, and in the parentheses of coalesce. */
  private static List<String> conditional(String assignments) {
    List<String> parts = new ArrayList<>();
    Pattern.compile("\\bcase\\b.*?\\bend\\b", Pattern.DOTALL)
        .matcher(assignments)
        .results()
        .forEach(found -> parts.add(found.group()));
    Matcher coalesce = Pattern.compile("\\bcoalesce\\s*\\(").matcher(assignments);
    while (coalesce.find()) {
      int depth = 1;
      int at = coalesce.end();
      while (depth > 0 && at < assignments.length()) {
        char c = assignments.charAt(at++);
        depth += c == '(' ? 1 : c == ')' ? -1 : 0;
      }
      parts.add(assignments.substring(coalesce.end(), at));
    }
    return parts;
  }
}
