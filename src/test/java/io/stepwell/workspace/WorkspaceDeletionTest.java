package io.stepwell.workspace;

import static io.stepwell.TestWorkspace.ADMIN_KEY;
import static io.stepwell.TestWorkspace.as;
import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.junit.QuarkusTest;
import io.stepwell.TestWorkspace;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import jakarta.transaction.Status;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;

/** What the other rooms see of a workspace that is deleted. */
@QuarkusTest
class WorkspaceDeletionTest {
  @Inject WorkspaceDirectory directory;
  @Inject Deletions deletions;

  /** Notes each deletion, and whether its transaction was still going on. */
  @Singleton
  static class Deletions {
    final Map<UUID, Boolean> seen = new ConcurrentHashMap<>();

    void note(@Observes WorkspaceDeleted deleted) {
      seen.put(deleted.workspaceId(), QuarkusTransaction.getStatus() == Status.STATUS_ACTIVE);
    }
  }

  @Test
  void a_deletion_is_told_within_its_transaction() {
    TestWorkspace workspace = TestWorkspace.create();
    assertThat(directory.bySlug(workspace.slug())).isPresent();
    assertThat(directory.byId(workspace.id())).isPresent();

    as(ADMIN_KEY).delete(workspace.path("")).then().statusCode(204);

    assertThat(directory.bySlug(workspace.slug())).isEmpty();
    assertThat(directory.byId(workspace.id())).isEmpty();
    assertThat(deletions.seen).containsEntry(workspace.id(), true);
  }
}
