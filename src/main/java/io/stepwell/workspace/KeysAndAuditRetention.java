package io.stepwell.workspace;

import io.stepwell.kernel.Ids;
import jakarta.annotation.Priority;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Deletes keys that were revoked long ago, and old entries of the audit. Those of a deleted
 * workspace stay as long as any other: they say who deleted it.
 */
final class KeysAndAuditRetention {
  private static final String DELETE_OLD =
      """
      delete from %s
      where (workspace_id, id) in (
        select r.workspace_id, r.id
        from %s r
        where r.workspace_id = ? and r.%s < ?
        order by r.id
        limit ?
        for update skip locked)
      """;

  // a workspace has few keys: the part of the primary key that is its own serves
  private static final String DELETE_KEYS =
      DELETE_OLD.formatted("api_key", "api_key", "revoked_at");

  private static final String DELETE_AUDIT =
      DELETE_OLD.formatted("audit_entry", "audit_entry", "id");

  @Produces
  @Singleton
  @Priority(Retention.KEYS)
  static Retention keys(RetentionTimes times) {
    return workspace ->
        sweep("api_key", DELETE_KEYS, workspace, times.keysBefore(), before -> before);
  }

  @Produces
  @Singleton
  @Priority(Retention.KEYS)
  static Retention audit(RetentionTimes times) {
    return workspace ->
        sweep("audit_entry", DELETE_AUDIT, workspace, times.auditBefore(), Ids::firstAt);
  }

  private static Retention.Sweep sweep(
      String table,
      String sql,
      Retention.Subject workspace,
      Optional<Instant> before,
      Function<Instant, Object> bound) {
    return before
        .<Retention.Sweep>map(time ->
            new DeletingSweep(table, sql, List.of(workspace.workspaceId(), bound.apply(time))))
        .orElse(Retention.Sweep.NOTHING);
  }
}
