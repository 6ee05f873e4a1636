package io.stepwell.expression;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.AbstractMap;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The names that an expression sees, with their values.
 *
 * <p>Values are converted when they are first read, and once however many expressions read them. A
 * secret is asked for only when an expression names it, and no expression can list them. For one
 * thread at a time; the names must not change meanwhile.
 */
public final class Scope {
  /** The one name that is not among the given ones. */
  static final String SECRETS = "secrets";

  private final ObjectNode names;
  private final Function<String, Optional<String>> secrets;
  private final Map<String, Optional<String>> read = new HashMap<>();
  private final Set<String> used = new LinkedHashSet<>();
  private Map<String, Object> root;
  private final Surroundings surroundings;
  private @Nullable RuntimeException secretFailure;
  private @Nullable RandomGenerator chance;
  private boolean timeRead;
  private boolean inTurn;
  private long nanosSpent;

  private Scope(
      ObjectNode names, Function<String, Optional<String>> secrets, Surroundings surroundings) {
    this.names = names;
    this.secrets = secrets;
    this.surroundings = surroundings;
    this.root = new Root(names);
  }

  /**
   * A scope over {@code names}, by convention {@code trigger}, {@code triggerData}, {@code steps},
   * {@code previous}, {@code previousStepResults}, {@code workspace}, {@code workflow}, {@code
   * execution} and {@code user}.
   *
   * @param secrets finds the value of a secret by its name; what it throws goes through to the
   *     caller of the expression
   */
  public static Scope of(ObjectNode names, Function<String, Optional<String>> secrets) {
    return of(names, secrets, Surroundings.NOW);
  }

  /** The same with the time, the chance and the turn that its evaluations have. */
  public static Scope of(
      ObjectNode names, Function<String, Optional<String>> secrets, Surroundings surroundings) {
    return new Scope(names, secrets, surroundings);
  }

  /** Chance begins again: the same expressions get the same of it. */
  public void rewind() {
    chance = null;
  }

  /** Lets go of what was read, but for the secrets. */
  public void forget() {
    root = new Root(names);
  }

  /** Whether an expression has asked for the time since this scope was made. */
  public boolean timeWasRead() {
    return timeRead;
  }

  /** The values of the secrets that were read so far, to be masked wherever results are shown. */
  public Set<String> usedSecretValues() {
    return Collections.unmodifiableSet(new LinkedHashSet<>(used));
  }

  long millis(long now) {
    timeRead = true;
    Instant time = surroundings.time();
    return time == null ? now : time.toEpochMilli();
  }

  RandomGenerator chance() {
    RandomGenerator generator = chance;
    if (generator == null) {
      Long seed = surroundings.seed();
      generator = seed == null ? new SplittableRandom() : new SplittableRandom(seed);
      chance = generator;
    }
    return generator;
  }

  /** How long evaluations took so far, without what they waited for. */
  long nanosSpent() {
    return nanosSpent;
  }

  /** Evaluates when it is its turn. */
  JsonNode evaluate(Meter meter, Supplier<JsonNode> evaluation) {
    takeTurn();
    meter.begin();
    try {
      return evaluation.get();
    } finally {
      nanosSpent += meter.nanos();
      passTurn();
    }
  }

  /** Lets others go first, in the midst of an evaluation. */
  void passTurnOn() {
    if (inTurn) {
      passTurn();
      takeTurn();
    }
  }

  private void takeTurn() {
    try {
      surroundings.turn().take();
      inTurn = true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ExpressionException("The expression failed: it was interrupted.");
    }
  }

  private void passTurn() {
    if (inTurn) {
      inTurn = false;
      surroundings.turn().pass();
    }
  }

  ObjectNode names() {
    return names;
  }

  Map<String, Object> root() {
    return root;
  }

  Optional<String> secret(String name) {
    Optional<String> known = read.get(name);
    if (known != null) {
      return known;
    }
    Optional<String> value;
    try {
      value = outOfTurn(() -> secrets.apply(name));
    } catch (RuntimeException e) {
      secretFailure = e; // the library may wrap or swallow it on its way to us
      throw e;
    }
    read.put(name, value);
    value.filter(v -> !v.isEmpty()).ifPresent(used::add);
    return value;
  }

  /** A value that may not be there yet, as an expression reaches it. */
  JsonNode fetch(JsonNode value) {
    return value instanceof Deferred deferred ? outOfTurn(deferred::fetch) : value;
  }

  /** The result of an evaluation, with everything in it. */
  JsonNode resolved(JsonNode result) {
    return surroundings.deferring() ? Deferred.resolved(result, this::fetch) : result;
  }

  /** Does what may take long and needs no turn. */
  private <T> T outOfTurn(Supplier<T> work) {
    if (!inTurn) {
      return work.get();
    }
    return Meter.pause(() -> {
      passTurn();
      try {
        return work.get();
      } finally {
        takeTurn();
      }
    });
  }

  boolean readSecrets() {
    return !used.isEmpty();
  }

  /** Throws what reading a secret threw, if it did. */
  void rethrowSecretFailure() {
    RuntimeException failure = secretFailure;
    if (failure != null) {
      secretFailure = null;
      throw failure;
    }
  }

  /** The names; {@code secrets} answers when asked for, and does not appear in any listing. */
  private final class Root extends View.OfObject {
    private final Map<String, Object> secretsByName = new Secrets();

    Root(ObjectNode names) {
      super(names);
    }

    @Override
    public @Nullable Object get(Object key) {
      return SECRETS.equals(key) ? secretsByName : super.get(key);
    }
  }

  /** Answers for a name, and is empty to everything that looks at it as a whole. */
  private final class Secrets extends AbstractMap<String, Object> {
    @Override
    public @Nullable Object get(Object key) {
      return secret((String) key).orElse(null);
    }

    @Override
    public boolean containsKey(Object key) {
      return get(key) != null;
    }

    @Override
    public Set<Entry<String, Object>> entrySet() {
      return Set.of();
    }
  }
}
