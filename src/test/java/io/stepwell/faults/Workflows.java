package io.stepwell.faults;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stepwell.kernel.Json;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/** What the clients of the suite execute: every way in which a step can take its time or fail. */
final class Workflows {
  private final Cluster cluster;

  private Workflows(Cluster cluster) {
    this.cluster = cluster;
  }

  /** One workflow each; those that are cancelled and those that are retried among them. */
  enum Kind {
    CALLS,
    WAIT,
    RETRY,
    SLOW,
    ENDLESS;

    String key() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  static Workflows create(Cluster cluster) {
    Workflows workflows = new Workflows(cluster);
    cluster.sink().delay("/short", Duration.ofMillis(30));
    cluster.sink().delay("/slow", Duration.ofMillis(1500));
    cluster.sink().delay("/endless", Duration.ofMinutes(2));
    workflows.post(
        Api.WORKSPACE.replace("/faults", ""),
        Json.object().put("slug", "faults").put("name", "Faults"));
    workflows.store(
        Kind.CALLS,
        workflows.call("one", "/short"),
        condition("two"),
        notification("three"),
        workflows.call("four", "/short"),
        workflows.call("five", "/short"));
    workflows.store(
        Kind.WAIT,
        workflows.call("one", "/short"),
        pause("two"),
        workflows.call("three", "/short"));
    workflows.store(
        Kind.RETRY, retried(workflows.call("one", "/flaky")), workflows.call("two", "/short"));
    workflows.store(Kind.SLOW, workflows.call("one", "/slow"), workflows.call("two", "/short"));
    workflows.store(
        Kind.ENDLESS,
        workflows.call("one", "/short"),
        workflows.call("two", "/endless"),
        workflows.call("three", "/short"));
    return workflows;
  }

  Kind any(Random random) {
    return List.of(
            Kind.CALLS,
            Kind.CALLS,
            Kind.CALLS,
            Kind.WAIT,
            Kind.WAIT,
            Kind.RETRY,
            Kind.SLOW,
            Kind.SLOW,
            Kind.ENDLESS)
        .get(random.nextInt(9));
  }

  /** Has the outside world fail where the workflow is to retry. */
  void prepare(Kind kind) {
    if (kind == Kind.RETRY) {
      cluster.sink().refuse("/flaky", 1);
    }
  }

  private void store(Kind kind, ObjectNode... actions) {
    store(kind.key(), actions);
  }

  void store(String key, ObjectNode... actions) {
    ObjectNode workflow = Json.object().put("key", key).put("name", key);
    workflow.putArray("actions").addAll(List.of(actions));
    post(Api.WORKFLOWS, workflow);
  }

  private void post(String path, ObjectNode body) {
    // a 409 says that an earlier try went through without an answer
    Cluster.await(
        path + " takes " + body,
        () ->
            cluster
                .api()
                .post(cluster.members().getFirst(), path, body)
                .filter(answer -> answer.status() == 201 || answer.status() == 409)
                .isPresent());
  }

  ObjectNode call(String name, String path) {
    ObjectNode action = action(name, "call_api").put("timeout", 180_000);
    action.putObject("config").put("method", "POST").put("url", cluster.sink().url(path));
    return action;
  }

  static ObjectNode waiting(String name, Duration duration) {
    ObjectNode action = action(name, "wait");
    action.putObject("config").put("durationMs", duration.toMillis());
    return action;
  }

  private static ObjectNode pause(String name) {
    return waiting(name, Duration.ofMillis(2500));
  }

  static ObjectNode condition(String name) {
    ObjectNode action = action(name, "condition");
    action.putObject("config").put("expression", "true");
    return action;
  }

  private static ObjectNode notification(String name) {
    ObjectNode action = action(name, "send_notification");
    action.putObject("config").put("message", "half-way").put("recipient", "somebody");
    return action;
  }

  private static ObjectNode retried(ObjectNode action) {
    action.put("onError", "retry");
    action
        .putObject("retry")
        .put("maxRetries", 10)
        .put("delayMs", 700)
        .put("factor", 2)
        .put("maxDelayMs", 3000);
    return action;
  }

  private static ObjectNode action(String name, String type) {
    return Json.object().put("name", name).put("type", type);
  }
}
