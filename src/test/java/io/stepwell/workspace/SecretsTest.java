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

  @Test
  void the_engine_gets_the_value_of_this_workspace_and_name() {
    assertThat(secrets.value(workspace.id(), "A")).contains("hush-hush");
    assertThat(secrets.value(workspace.id(), "OTHER")).isEmpty();
    assertThat(secrets.value(TestWorkspace.create().id(), "A")).isEmpty();
  }

  @Test
  void a_replaced_value_is_seen_at_once() {
    assertThat(secrets.value(workspace.id(), "A")).contains("hush-hush");
    put("new", 200);
    assertThat(secrets.value(workspace.id(), "A")).contains("new");
  }

  @Test
  void a_deleted_one_is_gone_at_once() {
    assertThat(secrets.value(workspace.id(), "A")).isPresent();
    as(ADMIN_KEY).delete(workspace.path("/secrets/A")).then().statusCode(204);
    assertThat(secrets.value(workspace.id(), "A")).isEmpty();
  }

  @Test
  void no_row_opens_in_another_place() {
    database.update("update secret set name = 'B' where workspace_id = ?", workspace.id());
    assertThatIllegalStateException().isThrownBy(() -> secrets.value(workspace.id(), "B"));
  }

  @Test
  void a_change_on_another_replica_is_seen_within_five_seconds() {
    assertThat(secrets.value(workspace.id(), "A")).isPresent();
    database.update("delete from secret where workspace_id = ?", workspace.id());
    await().atMost(Duration.ofSeconds(5)).until(() -> secrets.value(workspace.id(), "A").isEmpty());
  }
}
