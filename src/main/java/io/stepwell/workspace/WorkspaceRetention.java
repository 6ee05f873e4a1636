package io.stepwell.workspace;

import jakarta.annotation.Priority;
import jakarta.inject.Singleton;
import java.util.List;

/**
 * Deletes what is left of a deleted workspace: its secrets, its keys, and last its row, once the
 * rows of the other rooms and its entries of the audit are gone.
 */
@Singleton
@Priority(Retention.WORKSPACES)
class WorkspaceRetention implements Retention {
  private static final String DELETE_ALL =
      """
      delete from %1$s
      where (workspace_id, id) in (
        select r.workspace_id, r.id
        from %1$s r
        where r.workspace_id = ?
        order by r.id
        limit ?
        for update skip locked)
      """;

  private static final String DELETE_SECRETS = DELETE_ALL.formatted("secret");
  private static final String DELETE_KEYS = DELETE_ALL.formatted("api_key");

  private static final String DELETE_WORKSPACE =
      """
      delete from workspace
      where id in (
        select w.id
        from workspace w
        where w.id = ? and w.deleted_at is not null
          and not exists (select 1 from workflow f where f.workspace_id = w.id)
          and not exists (select 1 from audit_entry a where a.workspace_id = w.id)
          and not exists (select 1 from secret s where s.workspace_id = w.id)
          and not exists (select 1 from api_key k where k.workspace_id = w.id)
        order by w.id
        limit ?
        for update skip locked)
      """;

  @Override
  public Sweep of(Subject workspace) {
    if (!workspace.deleted()) {
      return Sweep.NOTHING;
    }
    List<Object> id = List.of((Object) workspace.workspaceId());
    List<DeletingSweep> sweeps =
        List.of(
            new DeletingSweep("secret", DELETE_SECRETS, id),
            new DeletingSweep("api_key", DELETE_KEYS, id),
            new DeletingSweep("workspace", DELETE_WORKSPACE, id));
    return connection -> {
      boolean more = false;
      for (DeletingSweep sweep : sweeps) {
        more |= sweep.batch(connection);
      }
      return more;
    };
  }
}
