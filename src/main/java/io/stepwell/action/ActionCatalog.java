package io.stepwell.action;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.quarkus.arc.All;
import io.quarkus.arc.InstanceHandle;
import io.quarkus.runtime.Startup;
import io.stepwell.kernel.JsonSchema;
import io.stepwell.kernel.Problem;
import jakarta.enterprise.inject.spi.Bean;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.lang.annotation.Annotation;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The action types of this service: every {@link ActionHandler} bean that carries {@link
 * ActionType}, in the application or in any jar that it is built with, found at start-up.
 */
@Startup
@Singleton
public class ActionCatalog {
  private static final Pattern TYPE = Pattern.compile("[a-z][a-z0-9_]{0,62}");

  private final Map<String, RegisteredAction> byType;

  /** Collects the handlers; anything that is wrong with one stops the start. */
  @Inject
  ActionCatalog(@All List<InstanceHandle<ActionHandler>> handlers) {
    this(handlers.stream().map(ActionCatalog::candidate).toList());
  }

  private ActionCatalog(Collection<Candidate> candidates) {
    Map<String, RegisteredAction> types = new TreeMap<>();
    Map<String, String> classes = new TreeMap<>();
    for (Candidate candidate : candidates) {
      String type = candidate.type();
      @Nullable String other = classes.put(type, candidate.className());
      if (other != null) {
        throw new IllegalStateException(
            "Two handlers have the action type \""
                + type
                + "\": "
                + other
                + " and "
                + candidate.className()
                + ".");
      }
      types.put(type, register(candidate));
    }
    this.byType = types;
  }

  /** A handler and what its bean says of it. */
  record Candidate(String className, String type, ActionHandler handler) {}

  /**
   * A catalog of these handlers.
   *
   * @throws IllegalStateException that names the class and what is wrong with it
   */
  static ActionCatalog of(Collection<Candidate> candidates) {
    return new ActionCatalog(candidates);
  }

  private static Candidate candidate(InstanceHandle<ActionHandler> handle) {
    Bean<ActionHandler> bean = handle.getBean();
    String className = bean.getBeanClass().getName();
    for (Annotation qualifier : bean.getQualifiers()) {
      if (qualifier instanceof ActionType type) {
        return new Candidate(className, type.value(), handle.get());
      }
    }
    throw new IllegalStateException(
        "The action handler " + className + " has no @ActionType: it could never be called.");
  }

  private static RegisteredAction register(Candidate candidate) {
    if (!TYPE.matcher(candidate.type()).matches()) {
      throw new IllegalStateException(
          "The action type \""
              + candidate.type()
              + "\" of "
              + candidate.className()
              + " does not match "
              + TYPE.pattern()
              + ".");
    }
    ObjectNode configSchema = candidate.handler().configSchema();
    List<Problem> problems = new ArrayList<>();
    Optional<JsonSchema> schema = JsonSchema.parse(configSchema, "", problems);
    return new RegisteredAction(
        candidate.type(),
        candidate.handler(),
        configSchema,
        schema.orElseThrow(() ->
            new IllegalStateException(
                "The config schema of " + candidate.className() + " is none: " + problems)));
  }

  public Optional<RegisteredAction> find(String type) {
    return Optional.ofNullable(byType.get(type));
  }

  /** Every action type, in alphabetical order. */
  public List<RegisteredAction> all() {
    return List.copyOf(byType.values());
  }
}
