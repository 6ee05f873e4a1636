package io.stepwell.workflow;

import io.stepwell.workspace.DeletingSweep;
import io.stepwell.workspace.Retention;
import io.stepwell.workspace.RetentionTimes;
import jakarta.annotation.Priority;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * Deletes workflows that were archived long ago and that no execution refers to any more, and those
 * of a deleted workspace. One that still has statistics keeps its row and its last version.
 */
@Singleton
@Priority(Retention.WORKFLOWS)
class WorkflowRetention implements Retention {
  // race: what is executed just now refers to its version, which then cannot be deleted
  private static final String OLD =
      """
      w.workspace_id = ? and (? or w.archived_at < ?)
        and not exists (
          select 1 from execution e where e.workspace_id = w.workspace_id and e.workflow_id = w.id)\
      """;

  // what is noted for the statistics would refer to nothing
  private static final String UNCOUNTED =
      """
      not exists (
        select 1 from execution_stat s
        where s.workspace_id = w.workspace_id and s.workflow_id = w.id)
      and not exists (
        select 1 from execution_stat_change c
        where c.workspace_id = w.workspace_id and c.workflow_id = w.id)\
      """;

  private static final String DELETE_VERSIONS =
      """
      delete from workflow_version
      where (workspace_id, workflow_id, version) in (
        select v.workspace_id, v.workflow_id, v.version
        from workflow w
        join workflow_version v on v.workspace_id = w.workspace_id and v.workflow_id = w.id
        where %s and (v.version < w.version or %s)
        order by v.workflow_id, v.version
        limit ?
        for update of v skip locked)
      """
          .formatted(OLD, UNCOUNTED);

  private static final String DELETE_WORKFLOWS =
      """
      delete from workflow
      where (workspace_id, id) in (
        select w.workspace_id, w.id
        from workflow w
        where %s and %s
          and not exists (
            select 1 from workflow_version v
            where v.workspace_id = w.workspace_id and v.workflow_id = w.id)
        order by w.id
        limit ?
        for update of w skip locked)
      """
          .formatted(OLD, UNCOUNTED);

  private final RetentionTimes times;

  WorkflowRetention(RetentionTimes times) {
    this.times = times;
  }

  @Override
  public Sweep of(Subject workspace) {
    Optional<Instant> before =
        workspace.deleted()
            ? Optional.of(times.now())
            : times.executionsBefore(workspace.retentionDays());
    return before
        .map(time -> sweep(workspace.workspaceId(), workspace.deleted(), time))
        .orElse(Sweep.NOTHING);
  }

  private static Sweep sweep(UUID workspaceId, boolean deleted, Instant before) {
    List<Object> parameters = List.of(workspaceId, deleted, before);
    Sweep versions = new DeletingSweep("workflow_version", DELETE_VERSIONS, parameters);
    Sweep workflows = new DeletingSweep("workflow", DELETE_WORKFLOWS, parameters);
    return connection -> versions.batch(connection) || workflows.batch(connection);
  }
}
