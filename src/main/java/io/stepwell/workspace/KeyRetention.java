package io.stepwell.workspace;

import jakarta.annotation.Priority;
import jakarta.inject.Singleton;
import java.util.List;

/** Deletes keys that were revoked long ago. */
@Singleton
@Priority(Retention.KEYS)
class KeyRetention implements Retention {
  // a workspace has few keys: the part of the primary key that is its own serves
  private static final String DELETE_REVOKED =
      """
      delete from api_key
      where (workspace_id, id) in (
        select k.workspace_id, k.id
        from api_key k
        where k.workspace_id = ? and k.revoked_at < ?
        order by k.id
        limit ?
        for update skip locked)
      """;

  private final RetentionTimes times;

  KeyRetention(RetentionTimes times) {
    this.times = times;
  }

  @Override
  public Sweep of(Subject workspace) {
    return times
        .keysBefore()
        .<Sweep>map(before ->
            new DeletingSweep("api_key", DELETE_REVOKED, List.of(workspace.workspaceId(), before)))
        .orElse(Sweep.NOTHING);
  }
}
