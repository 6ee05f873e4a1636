package io.stepwell.faults;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stepwell.faults.Cluster.Member;
import io.stepwell.kernel.Json;
import java.util.List;

/**
 * A workspace apart that starts large executions and expects them to be somebody else's trouble.
 */
final class Hostile {
  private static final String WORKSPACES = "/api/workspaces";
  private static final String WORKFLOWS = WORKSPACES + "/hostile/workflows";
  private static final int EXECUTIONS = 30;
  private static final int BYTES = 900_000;

  private Hostile() {}

  /** What is refused, or not answered, is not asked for again. */
  static void strike(Cluster cluster, Member victim) {
    Api api = cluster.api();
    api.post(victim, WORKSPACES, Json.object().put("slug", "hostile").put("name", "Hostile"));
    ObjectNode workflow = Json.object().put("key", "large").put("name", "Large");
    workflow
        .putArray("actions")
        .addAll(
            List.of(
                Workflows.condition("one"),
                Workflows.condition("two"),
                Workflows.condition("three")));
    api.post(victim, WORKFLOWS, workflow);
    ObjectNode body = Json.object();
    body.putObject("triggerData").put("large", "x".repeat(BYTES));
    for (int i = 0; i < EXECUTIONS; i++) {
      api.post(victim, WORKFLOWS + "/large/execute", body);
    }
  }
}
