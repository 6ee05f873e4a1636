package io.stepwell.engine;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stepwell.action.ActionFailure;
import io.stepwell.action.RegisteredAction;
import io.stepwell.expression.Expression;
import io.stepwell.expression.ExpressionException;
import io.stepwell.expression.Scope;
import io.stepwell.expression.Surroundings;
import io.stepwell.kernel.Json;
import io.stepwell.kernel.Problem;
import io.stepwell.kernel.Turns;
import io.stepwell.workflow.Action;
import io.stepwell.workspace.Secrets;
import io.stepwell.workspace.UnreadableSecret;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * What one step is given: its config with every expression replaced by its value.
 *
 * <p>It is the same at every attempt, on every replica: time is that of the step's first start,
 * chance depends on nothing but the execution and the step. Only a secret is read anew. For one
 * thread at a time.
 */
final class StepInput {
  private static final Logger LOG = Logger.getLogger(StepInput.class);

  private final UUID workspaceId;
  private final Secrets secrets;
  private final Lease lease;
  private final Outputs outputs;
  private final Scope scope;
  private @Nullable RuntimeException secretFailure;
  private boolean entered;

  /**
   * @param start when the step began first
   */
  StepInput(
      RunState state,
      Action action,
      Instant start,
      Outputs outputs,
      Secrets secrets,
      Turns turns,
      Lease lease) {
    this.outputs = outputs;
    this.workspaceId = state.claim().workspaceId();
    this.secrets = secrets;
    this.lease = lease;
    UUID execution = state.claim().executionId();
    long seed =
        execution.getMostSignificantBits()
            ^ Long.rotateLeft(execution.getLeastSignificantBits(), 32)
            ^ action.path().hashCode();
    this.scope =
        Scope.of(
            state.names(),
            this::secret,
            new Surroundings(start, seed, turns.of(workspaceId), state.defers()));
  }

  /** Whether the step runs at all. */
  boolean holds(Expression when) throws LeaseLost {
    return interruptibly(() -> when.isTrue(scope));
  }

  /**
   * The config for a handler.
   *
   * @throws ActionFailure when an expression fails, or what is rendered is not what the handler
   *     takes
   */
  ObjectNode render(Action action, RegisteredAction registered) throws LeaseLost {
    ObjectNode rendered = interruptibly(() -> rendered(action, registered));
    scope.forget();
    outputs.holdConfig(rendered);
    return rendered;
  }

  private ObjectNode rendered(Action action, RegisteredAction registered) {
    scope.rewind();
    JsonNode config = action.config().render(scope);
    if (action.type().equals(Action.CONDITION) && config instanceof ObjectNode answer) {
      // a condition's config is a question: what is rendered is its answer
      return answer;
    }
    if (config instanceof ObjectNode object) {
      return valid(registered, registered.coerced(object));
    }
    throw ActionFailure.permanent("invalid_config", "The config is not an object.");
  }

  private static ObjectNode valid(RegisteredAction registered, ObjectNode config) {
    List<Problem> violations = registered.violations(config, "/config");
    if (violations.isEmpty()) {
      return config;
    }
    Problem first = violations.getFirst();
    throw ActionFailure.permanent("invalid_config", first.pointer() + " " + first.detail());
  }

  /** Whether another start would be seen in it. */
  boolean tellsTime() {
    return scope.timeWasRead();
  }

  /** Hides the secrets that went into it. */
  Masking masking() {
    return new Masking(scope.usedSecretValues());
  }

  ObjectNode error(ActionFailure failure) {
    return Json.object()
        .put("code", failure.code())
        .put("message", masking().of(String.valueOf(failure.getMessage())));
  }

  private <T> T interruptibly(Supplier<T> work) throws LeaseLost {
    try {
      enter();
      try {
        T value = work.get();
        throwFailure(); // that the library has swallowed
        return value;
      } finally {
        leave();
      }
    } catch (InterruptedException e) {
      throw new LeaseLost();
    } catch (ActionFailure e) {
      throw e;
    } catch (RuntimeException | Error e) {
      throw failure(e);
    }
  }

  private void throwFailure() {
    if (secretFailure != null) {
      throw secretFailure;
    }
    @Nullable RuntimeException failure = outputs.failure();
    if (failure != null) {
      throw failure;
    }
  }

  /** A template may be that of a handler, and so anybody's code. */
  private ActionFailure failure(Throwable e) throws LeaseLost {
    Trouble.rethrowIfFatal(e);
    if (lease.ended()) {
      throw new LeaseLost();
    }
    throwFailure();
    if (e instanceof ExpressionException) {
      return ActionFailure.permanent("expression_error", String.valueOf(e.getMessage()));
    }
    LOG.debug("the config of a step cannot be made", e);
    return StepRunner.unexpected(e);
  }

  /** An interrupt must not reach the database. */
  private Optional<String> secret(String name) {
    leave();
    try {
      return secrets.value(workspaceId, name);
    } catch (UnreadableSecret e) {
      LOG.errorf("secret %s cannot be read: %s", name, e.getMessage());
      throw ActionFailure.permanent("secret_unreadable", "The secret " + name + " cannot be read.");
    } catch (RuntimeException e) {
      secretFailure = e;
      throw e;
    } finally {
      enterAgain();
    }
  }

  private void enterAgain() {
    try {
      enter();
    } catch (InterruptedException e) {
      throw new LeaseEnded();
    }
  }

  private void enter() throws InterruptedException {
    lease.enter();
    entered = true;
  }

  private void leave() {
    if (entered) {
      entered = false;
      lease.leave();
    }
  }

  /** Passes through the library of expressions, which knows no checked exceptions. */
  private static final class LeaseEnded extends RuntimeException {
    private static final long serialVersionUID = 1L;

    LeaseEnded() {
      super("the lease has ended", null, false, false);
    }
  }
}
