package io.stepwell.workflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.quarkus.test.junit.QuarkusTest;
import io.stepwell.kernel.Failure;
import io.stepwell.workspace.WorkspaceScope;
import jakarta.inject.Inject;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
class WorkflowsTest {
  @Inject Workflows workflows;

  private WorkflowApi api;
  private UUID workspaceId;
  private UUID id;

  @BeforeEach
  void createWorkflow() {
    api = new WorkflowApi();
    id =
        UUID.fromString(
            api.post("{'key': 'a', 'actions': [{'type': 'wait', 'config': {'durationMs': 1}}]}")
                .then()
                .statusCode(201)
                .extract()
                .path("id"));
    workspaceId = api.workspace.id();
  }

  @Test
  void the_current_version_is_what_can_be_executed() {
    api.put("a", "{'key': 'b', 'actions': []}").then().statusCode(200);

    WorkflowVersion version = executable(workspaceId, "b");

    assertThat(version.workspaceId()).isEqualTo(workspaceId);
    assertThat(version.workflowId()).isEqualTo(id);
    assertThat(version.key()).isEqualTo("b");
    assertThat(version.version()).isEqualTo(2);
    assertThat(version.definition().actions()).isEmpty();
    assertThat(executable(workspaceId, id.toString())).isSameAs(version);
  }

  @Test
  void an_old_version_stays_as_it_was() {
    api.put("a", "{'key': 'b', 'actions': []}").then().statusCode(200);

    WorkflowVersion first = version(workspaceId, id, 1);

    assertThat(first.key()).isEqualTo("a");
    assertThat(first.definition().allActions()).extracting(Action::name).containsExactly("wait_1");
    assertThat(version(workspaceId, id, 1)).isSameAs(first);
  }

  @Test
  void disabling_takes_effect_at_once() {
    executable(workspaceId, "a");
    api.put("a", "{'enabled': false, 'actions': []}").then().statusCode(200);

    assertRefused(Failure.Kind.CONFLICT, "workflow_disabled", workspaceId, "a");
  }

  @Test
  void archiving_takes_effect_at_once_and_leaves_the_history() {
    executable(workspaceId, "a");
    api.delete("a").then().statusCode(204);

    assertRefused(Failure.Kind.NOT_FOUND, "workflow_not_found", workspaceId, "a");
    assertRefused(Failure.Kind.NOT_FOUND, "workflow_not_found", workspaceId, id.toString());
    assertThat(idOf(workspaceId, "a")).isEqualTo(id);
    assertThat(idOf(workspaceId, id.toString())).isEqualTo(id);
    assertThat(version(workspaceId, id, 1).key()).isEqualTo("a");
  }

  @Test
  void another_workspace_has_no_such_workflow() {
    UUID elsewhere = UUID.randomUUID();

    assertRefused(Failure.Kind.NOT_FOUND, "workflow_not_found", elsewhere, id.toString());
    assertThatExceptionOfType(Failure.class).isThrownBy(() -> idOf(elsewhere, "a"));
    assertThatExceptionOfType(Failure.class).isThrownBy(() -> version(workspaceId, id, 2));
    assertThatExceptionOfType(Failure.class).isThrownBy(() -> version(elsewhere, id, 1));
  }

  @Test
  void a_version_is_found_on_a_thread_of_its_own() throws Exception {
    WorkflowVersion[] found = new WorkflowVersion[1];

    Thread.ofVirtual().start(() -> found[0] = version(workspaceId, id, 1)).join();

    assertThat(found[0].workflowId()).isEqualTo(id);
  }

  /** As a request of the workspace asks. */
  private WorkflowVersion executable(UUID workspace, String idOrKey) {
    return WorkspaceScope.call(workspaceId, () -> workflows.executable(workspace, idOrKey));
  }

  private WorkflowVersion version(UUID workspace, UUID workflow, int version) {
    return WorkspaceScope.call(workspaceId, () -> workflows.version(workspace, workflow, version));
  }

  private UUID idOf(UUID workspace, String idOrKey) {
    return WorkspaceScope.call(workspaceId, () -> workflows.idOf(workspace, idOrKey));
  }

  private void assertRefused(Failure.Kind kind, String code, UUID workspace, String idOrKey) {
    assertThatExceptionOfType(Failure.class)
        .isThrownBy(() -> executable(workspace, idOrKey))
        .satisfies(failure -> {
          assertThat(failure.kind()).isEqualTo(kind);
          assertThat(failure.code()).isEqualTo(code);
        });
  }
}
