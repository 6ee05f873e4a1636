package io.stepwell.workspace;

import io.stepwell.kernel.Ids;
import jakarta.annotation.Priority;
import jakarta.inject.Singleton;
import java.util.List;

/**
 * Deletes old entries of the audit. Those of a deleted workspace stay as long as any other: they
 * say who deleted it.
 */
@Singleton
@Priority(Retention.KEYS)
class AuditRetention implements Retention {
  private static final String DELETE_OLD =
      """
      delete from audit_entry
      where (workspace_id, id) in (
        select a.workspace_id, a.id
        from audit_entry a
        where a.workspace_id = ? and a.id < ?
        order by a.id
        limit ?
        for update skip locked)
      """;

  private final RetentionTimes times;

  AuditRetention(RetentionTimes times) {
    this.times = times;
  }

  @Override
  public Sweep of(Subject workspace) {
    return times
        .auditBefore()
        .<Sweep>map(before ->
            new DeletingSweep(
                "audit_entry", DELETE_OLD, List.of(workspace.workspaceId(), Ids.firstAt(before))))
        .orElse(Sweep.NOTHING);
  }
}
