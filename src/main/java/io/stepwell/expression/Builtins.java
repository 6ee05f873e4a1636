package io.stepwell.expression;

import com.dashjoin.jsonata.Functions;
import com.dashjoin.jsonata.Jsonata;
import com.dashjoin.jsonata.Utils;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The functions that replace the library's own, where those take unbounded time or memory, depend
 * on regular expressions, or give wrong results.
 *
 * <p>Absent arguments are Java null, as in the library. Where the library's function is only
 * dangerous with extreme arguments, the arguments are checked and the library's function is called.
 */
// the library finds its functions by their names
@RegisterForReflection(targets = Functions.class, fields = false)
final class Builtins {
  private static final int MAX_PICTURE = 128;
  private static final int MAX_PRECISION = 400;
  private static final int MAX_PRETTY = 4 << 20;

  /** What a function does; {@code args} has as many elements as the function has parameters. */
  private interface Body {
    @Nullable Object call(Meter meter, @Nullable Object[] args);
  }

  /**
   * A function in the library's form. The name and the number of parameters matter: from them the
   * library writes the source of a partial application.
   */
  private static final class Builtin extends Jsonata.JFunction {
    private final int parameters;
    private final Body body;

    Builtin(String name, String signature, int parameters, String replaced, Body body) {
      super(name, signature, Functions.class, null, replaced);
      this.parameters = parameters;
      this.body = body;
    }

    @Override
    @SuppressWarnings("rawtypes")
    public @Nullable Object call(@Nullable Object input, List args) {
      @Nullable Object[] all = new Object[parameters];
      for (int i = 0; i < Math.min(parameters, args.size()); i++) {
        all[i] = args.get(i);
      }
      Object result = body.call(Meter.current(), all);
      return result instanceof Number number ? Utils.convertNumber(number) : result;
    }

    @Override
    public int getNumberOfArgs() {
      return parameters;
    }
  }

  private static final Map<String, Jsonata.JFunction> ALL = new LinkedHashMap<>();

  static {
    text();
    numbersAndTimes();
    arrays();
    add("eval", "<sx?:x>", 2, "functionEval", (m, a) -> refuse(m, "$eval is not available"));
    add(
        "match",
        "<s-x?n?:a<o>>",
        3,
        "match",
        (m, a) -> refuse(m, "$match needs regular expressions, which are not available"));
  }

  private Builtins() {}

  /** Puts the functions into an expression. */
  static void register(Jsonata jsonata) {
    ALL.forEach(jsonata::registerFunction);
  }

  private static void add(
      String name, String signature, int parameters, String replaced, Body body) {
    ALL.put(name, new Builtin(name, signature, parameters, replaced, body));
  }

  private static void text() {
    add("string", "<x-b?:s>", 2, "string", (m, a) -> string(m, a[0], (Boolean) a[1]));
    add("substring", "<s-nn?:s>", 3, "substring", Text::substring);
    add("substringBefore", "<s-s:s>", 2, "substringBefore", Text::substringBefore);
    add("substringAfter", "<s-s:s>", 2, "substringAfter", Text::substringAfter);
    add("pad", "<s-ns?:s>", 3, "pad", Text::pad);
    add("contains", "<s-s:b>", 2, "contains", Text::contains);
    add("replace", "<s-ssn?:s>", 4, "replace", Text::replace);
    add("split", "<s-sn?:a<s>>", 3, "split", Text::split);
    add("join", "<a<s>s?:s>", 2, "join", Text::join);
  }

  private static @Nullable Object string(
      Meter meter, @Nullable Object value, @Nullable Boolean pretty) {
    boolean lines = pretty != null && pretty;
    long extent = meter.extent(value);
    if (lines && Extent.weight(extent) * (1 + Extent.height(extent)) > MAX_PRETTY) {
      throw meter.fail("a value is too large for $string");
    }
    return Functions.string(value, lines);
  }

  private static void numbersAndTimes() {
    add("abs", "<n-:n>", 1, "abs", (m, a) -> a[0] == null ? null : abs((Number) a[0]));
    add("round", "<n-n?:n>", 2, "round", (m, a) -> round(m, (Number) a[0], (Number) a[1]));
    add(
        "formatNumber",
        "<n-so?:s>",
        3,
        "formatNumber",
        (m, a) -> Functions.formatNumber((Number) a[0], picture(m, a[1]), (Map<?, ?>) a[2]));
    add(
        "formatInteger",
        "<n-s:s>",
        2,
        "formatInteger",
        (m, a) -> Functions.formatInteger((Number) a[0], picture(m, a[1])));
    add("parseInteger", "<s-s:n>", 2, "parseInteger", Times::parseInteger);
    add("toMillis", "<s-s?:n>", 2, "dateTimeToMillis", Times::toMillis);
    add(
        "fromMillis",
        "<n-s?s?:s>",
        3,
        "dateTimeFromMillis",
        (m, a) -> Times.format(m, (Number) a[0], a[1], a[2]));
    // the library's own read the time of whatever expression its thread evaluated first
    add("now", "<s?s?:s>", 2, "now", (m, a) -> Times.format(m, m.startMillis(), a[0], a[1]));
    add("millis", "<:n>", 0, "millis", (m, a) -> m.startMillis());
    // of the scope, so that an evaluation can be repeated with the same outcome
    add("random", "<:n>", 0, "random", (m, a) -> m.chance().nextDouble());
  }

  private static Number abs(Number number) {
    return number instanceof Long || number instanceof Integer
        ? Math.abs(number.longValue())
        : Math.abs(number.doubleValue());
  }

  private static @Nullable Number round(
      Meter meter, @Nullable Number number, @Nullable Number precision) {
    if (number != null && precision != null && Math.abs(precision.doubleValue()) > MAX_PRECISION) {
      throw meter.fail("the precision of $round is out of range");
    }
    return Functions.round(number, precision);
  }

  static @Nullable String picture(Meter meter, @Nullable Object picture) {
    if (picture instanceof String text && text.length() > MAX_PICTURE) {
      throw meter.fail("a picture is longer than " + MAX_PICTURE + " characters");
    }
    return (String) picture;
  }

  private static void arrays() {
    add("append", "<xx:a>", 2, "append", (m, a) -> append(m, a[0], a[1]));
    add("spread", "<x-:a<o>>", 1, "spread", (m, a) -> spread(a[0]));
    add("distinct", "<x:x>", 1, "distinct", (m, a) -> distinct(m, a[0]));
    add("shuffle", "<a:a>", 1, "shuffle", (m, a) -> shuffle(m, (List<?>) a[0]));
    add("sort", "<af?:a>", 2, "sort", (m, a) -> sort(m, (List<?>) a[0], a[1]));
  }

  private static @Nullable Object append(
      Meter meter, @Nullable Object first, @Nullable Object second) {
    meter.charge(8L * size(first) + 8L * size(second));
    return Functions.append(first, second);
  }

  private static int size(@Nullable Object value) {
    return value instanceof List<?> list ? list.size() : 1;
  }

  private static @Nullable Object spread(@Nullable Object value) {
    if (!(value instanceof List) && !(value instanceof Map)) {
      return value;
    }
    List<Object> result = Utils.createSequence();
    spreadInto(result, value);
    return result;
  }

  private static void spreadInto(List<Object> result, @Nullable Object value) {
    switch (value) {
      case List<?> list -> list.forEach(element -> spreadInto(result, element));
      case Map<?, ?> map -> map.forEach((name, member) -> result.add(pair(name, member)));
      case null -> {}
      default -> result.add(value);
    }
  }

  private static Map<Object, Object> pair(Object name, Object member) {
    Map<Object, Object> pair = new LinkedHashMap<>();
    pair.put(name, member);
    return pair;
  }

  private static @Nullable Object distinct(Meter meter, @Nullable Object value) {
    if (!(value instanceof List<?> list) || list.size() <= 1) {
      return value;
    }
    meter.extent(value);
    LinkedHashSet<Object> seen = new LinkedHashSet<>();
    for (Object element : list) {
      meter.work(16); // values can be made to collide, and then each takes long
      seen.add(element);
    }
    List<Object> result = list instanceof Utils.JList ? Utils.createSequence() : new ArrayList<>();
    result.addAll(seen);
    return result;
  }

  private static @Nullable Object shuffle(Meter meter, @Nullable List<?> list) {
    if (list == null) {
      return null;
    }
    meter.work(list.size());
    List<Object> shuffled = new ArrayList<>(list);
    Collections.shuffle(shuffled, meter.chance());
    return shuffled;
  }

  private static @Nullable Object sort(
      Meter meter, @Nullable List<?> list, @Nullable Object comparator) {
    if (list == null || comparator != null) {
      return Functions.sort(list, comparator);
    }
    List<Object> sorted = new ArrayList<>(list);
    if (sorted.stream().allMatch(Number.class::isInstance)) {
      sorted.sort((x, y) -> Double.compare(asDouble(x), asDouble(y)));
    } else if (sorted.stream().allMatch(String.class::isInstance)) {
      sorted.sort((x, y) -> ((String) x).compareTo((String) y));
    } else {
      throw meter.fail("$sort without a function sorts only strings, or only numbers");
    }
    return sorted;
  }

  private static double asDouble(Object number) {
    return ((Number) number).doubleValue();
  }

  private static Object refuse(Meter meter, String why) {
    throw meter.fail(why);
  }
}
