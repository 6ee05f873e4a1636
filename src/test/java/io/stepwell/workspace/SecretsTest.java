package io.stepwell.workspace;

import static io.stepwell.TestWorkspace.ADMIN_KEY;
import static io.stepwell.TestWorkspace.as;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import io.quarkus.test.junit.QuarkusTest;
import io.stepwell.TestWorkspace;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the engine gets of what came in by HTTP. */
@QuarkusTest
class SecretsTest {
  private final Database database = new Database();
  @Inject Secrets secrets;
  private TestWorkspace workspace;

  @BeforeEach
  void storeSecret() {
    workspace = TestWorkspace.create();
    put("hush-hush", 201);
  }

  private void put(String value, int status) {
    as(ADMIN_KEY)
        .body(Map.of("value", value))
        .put(workspace.path("/secrets/A"))
        .then()
        .statusCode(status);
  }

  /** As a run of the engine asks. */
  private Optional<String> value(TestWorkspace of, String name) {
    return WorkspaceScope.call(of.id(), () -> secrets.value(of.id(), name));
  }

  @Test
  void the_engine_gets_the_value_of_this_workspace_and_name() {
    assertThat(value(workspace, "A")).contains("hush-hush");
    assertThat(value(workspace, "OTHER")).isEmpty();
    assertThat(value(TestWorkspace.create(), "A")).isEmpty();
  }

  @Test
  void a_replaced_value_is_seen_at_once() {
    assertThat(value(workspace, "A")).contains("hush-hush");
    put("new value", 200);
    assertThat(value(workspace, "A")).contains("new value");
  }

  @Test
  void a_deleted_one_is_gone_at_once() {
    assertThat(value(workspace, "A")).isPresent();
    as(ADMIN_KEY).delete(workspace.path("/secrets/A")).then().statusCode(204);
    assertThat(value(workspace, "A")).isEmpty();
  }

  @Test
  void no_row_opens_in_another_place() {
    database.update("update secret set name = 'B' where workspace_id = ?", workspace.id());
    assertThatIllegalStateException().isThrownBy(() -> value(workspace, "B"));
  }

  @Test
  void a_change_on_another_replica_is_seen_within_five_seconds() {
    assertThat(value(workspace, "A")).isPresent();
    database.update("delete from secret where workspace_id = ?", workspace.id());
    await().atMost(Duration.ofSeconds(5)).until(() -> value(workspace, "A").isEmpty());
  }
}
