package io.stepwell.durability;

import static io.stepwell.durability.Replicas.eventually;

import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.stepwell.TestWorkspace;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@QuarkusTest
@TestProfile(SlotsTest.TwoSlots.class)
class SlotsTest {

  /** Two slots, and a poll so rare that only a nudge can explain a start. */
  public static final class TwoSlots implements QuarkusTestProfile {
    @Override
    public Map<String, String> getConfigOverrides() {
      return Map.of(
          "stepwell.engine.slots", "2",
          "stepwell.engine.workspace-share", "1",
          "stepwell.engine.poll", "5m",
          "stepwell.outbound.allow", "127.0.0.0/8");
    }
  }

  @Test
  @Timeout(value = 4, unit = TimeUnit.MINUTES)
  void whichever_execution_leaves_a_full_replica_its_slot_is_taken_at_once() throws IOException {
    TestWorkspace workspace = TestWorkspace.create();
    try (EffectSink sink = EffectSink.open()) {
      for (String name : List.of("first", "second", "third")) {
        sink.hold("/" + name);
        execute(workspace, name, sink.url("/" + name));
        if (!name.equals("third")) {
          eventually(name).until(() -> sink.callsOf("/" + name).size() == 1);
        }
      }

      sink.release("/first");

      eventually("the slot of the first").until(() -> sink.callsOf("/third").size() == 1);
      sink.release("/second");
      sink.release("/third");
    }
  }

  private void execute(TestWorkspace workspace, String key, String url) {
    Map<String, Object> action =
        Map.of("type", "call_api", "timeout", 600_000, "config", Map.of("url", url));
    TestWorkspace.as(TestWorkspace.ADMIN_KEY)
        .body(Map.of("key", key, "name", key, "actions", List.of(action)))
        .post(workspace.path("/workflows"))
        .then()
        .statusCode(201);
    TestWorkspace.as(TestWorkspace.ADMIN_KEY)
        .body(Map.of())
        .post(workspace.path("/workflows/" + key + "/execute"))
        .then()
        .statusCode(202);
  }
}
