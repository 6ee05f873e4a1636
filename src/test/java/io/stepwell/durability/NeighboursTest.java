package io.stepwell.durability;

import static io.stepwell.durability.Replicas.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.stepwell.TestWorkflow;
import io.stepwell.TestWorkspace;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** One workspace against the others, on a replica of few slots. */
@QuarkusTest
@TestProfile(NeighboursTest.FewSlots.class)
class NeighboursTest {
  private static final int SLOTS = 8;
  private static final int SHARE = 6;
  private static final String DECIDE =
      "{'type': 'condition', 'config': {'field': 'trigger.go', 'operator': 'not_exists'}}";

  /** Eight slots, of which a workspace alone gets six. */
  public static final class FewSlots implements QuarkusTestProfile {
    @Override
    public Map<String, String> getConfigOverrides() {
      return Map.of(
          "stepwell.engine.slots", String.valueOf(SLOTS), "stepwell.outbound.allow", "127.0.0.0/8");
    }
  }

  private static TestWorkflow hanging(TestWorkspace workspace, EffectSink sink) {
    return TestWorkflow.of(
        workspace,
        "{'type': 'call_api', 'timeout': 600000, 'config': {'url': '%s'}}"
            .formatted(sink.url("/hangs")));
  }

  @Test
  void a_workspace_whose_calls_hang_does_not_hold_up_another() throws IOException {
    TestWorkspace greedy = TestWorkspace.create();
    List<TestWorkspace> others = List.of(TestWorkspace.create(), TestWorkspace.create());
    try (EffectSink sink = EffectSink.open()) {
      sink.hold("/hangs");
      TestWorkflow hanging = hanging(greedy, sink);
      for (int i = 0; i < 5 * SLOTS; i++) {
        hanging.start();
      }
      eventually("its share").until(() -> sink.callsOf("/hangs").size() == SHARE);

      for (TestWorkspace other : others) {
        assertThat(TestWorkflow.of(other, DECIDE).run().path("status").textValue())
            .isEqualTo("COMPLETED");
      }
      assertThat(sink.callsOf("/hangs")).hasSize(SHARE);
      sink.release("/hangs");
      eventually("all of it").until(() -> sink.callsOf("/hangs").size() == 5 * SLOTS);
    }
  }
}
