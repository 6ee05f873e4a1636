package io.stepwell.workspace;

import io.stepwell.kernel.Failure;
import io.stepwell.kernel.Ids;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import jakarta.transaction.Transactional;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.UUID;
import org.hibernate.exception.ConstraintViolationException;

/** Creates, changes and deletes workspaces. */
@ApplicationScoped
@Transactional
public class Workspaces {
  private final Ids ids;
  private final InstantSource time;
  private final Audit audit;
  private final Event<WorkspaceDeleted> deleted;

  Workspaces(Ids ids, InstantSource time, Audit audit, Event<WorkspaceDeleted> deleted) {
    this.ids = ids;
    this.time = time;
    this.audit = audit;
    this.deleted = deleted;
  }

  /**
   * Makes a workspace.
   *
   * @throws Failure {@code slug_taken}
   */
  public Workspace create(String slug, String name, String actor) {
    WorkspaceEntity workspace = new WorkspaceEntity();
    workspace.id = ids.next();
    workspace.slug = slug;
    workspace.name = name;
    workspace.createdAt = now();
    workspace.updatedAt = workspace.createdAt;
    try {
      // no request is in it yet: the transaction begins as one of the workspace that it makes
      WorkspaceScope.run(workspace.id, workspace::persistAndFlush);
    } catch (ConstraintViolationException e) {
      // whose it is nobody here may see, and the index knows
      throw slugTaken(slug);
    }
    audit.record(workspace.id, actor, "workspace.create", slug);
    return workspace.toWorkspace();
  }

  Optional<Workspace> find(UUID id) {
    return WorkspaceEntity.byId(id).map(WorkspaceEntity::toWorkspace);
  }

  /**
   * What is to be changed.
   *
   * @param keepsByDefault whether ended executions are to be kept as the operator has it
   */
  record Change(Optional<String> name, Optional<Integer> retentionDays, boolean keepsByDefault) {
    boolean isEmpty() {
      return name.isEmpty() && retentionDays.isEmpty() && !keepsByDefault;
    }
  }

  Workspace change(UUID id, Change change, String actor) {
    WorkspaceEntity workspace = get(id);
    if (change.isEmpty()) {
      return workspace.toWorkspace();
    }
    change.name().ifPresent(name -> workspace.name = name);
    change.retentionDays().ifPresent(days -> workspace.retentionDays = days);
    if (change.keepsByDefault()) {
      workspace.retentionDays = null;
    }
    workspace.updatedAt = now();
    audit.record(id, actor, "workspace.update", workspace.slug);
    return workspace.toWorkspace();
  }

  /**
   * Deletes the workspace and revokes its keys. What is below it goes later: it may be more than
   * one request can delete.
   */
  void delete(UUID id, String actor) {
    Instant now = now();
    // race: of two deletions one matches the row
    if (WorkspaceEntity.update("deletedAt = ?1 where id = ?2 and deletedAt is null", now, id)
        == 0) {
      throw Failure.notFound("workspace", id);
    }
    ApiKeyEntity.update("revokedAt = ?1 where workspaceId = ?2 and revokedAt is null", now, id);
    audit.record(id, actor, "workspace.delete", id.toString());
    deleted.fire(new WorkspaceDeleted(id));
  }

  private static WorkspaceEntity get(UUID id) {
    return WorkspaceEntity.byId(id).orElseThrow(() -> Failure.notFound("workspace", id));
  }

  private static Failure slugTaken(String slug) {
    return Failure.conflict("slug_taken", "There is a workspace " + slug + " already.");
  }

  private Instant now() {
    return time.instant().truncatedTo(ChronoUnit.MILLIS);
  }
}
