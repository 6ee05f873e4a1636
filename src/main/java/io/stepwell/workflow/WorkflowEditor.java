package io.stepwell.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stepwell.kernel.Failure;
import io.stepwell.kernel.Ids;
import io.stepwell.kernel.Json;
import io.stepwell.kernel.Problem;
import io.stepwell.workspace.Audit;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import jakarta.transaction.Transactional;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.UUID;
import org.hibernate.exception.ConstraintViolationException;

/** Saves and archives workflows. Thread-safe; every method is a transaction of its own. */
@ApplicationScoped
class WorkflowEditor {
  private final DefinitionReader reader;
  private final Audit audit;
  private final Ids ids;
  private final InstantSource time;

  WorkflowEditor(DefinitionReader reader, Audit audit, Ids ids, InstantSource time) {
    this.reader = reader;
    this.audit = audit;
    this.ids = ids;
    this.time = time;
  }

  /** Everything that would keep a body from being created, but for a key that is taken. */
  List<Problem> validate(JsonNode body) {
    return reader.problems(body);
  }

  /**
   * Makes a workflow, as version 1.
   *
   * @throws Failure for a body that is no definition; CONFLICT {@code key_taken}
   */
  @Transactional
  Workflow create(UUID workspaceId, JsonNode body, String userId) {
    Draft draft = reader.create(body);
    WorkflowEntity row = new WorkflowEntity();
    row.id = ids.next();
    row.workspaceId = workspaceId;
    row.createdAt = now();
    Workflow created = save(row, draft, draft.keyOr(""), row.createdAt, userId);
    audit.record(workspaceId, userId, "workflow.create", created.id().toString());
    return created;
  }

  /**
   * Makes the next version of a workflow; what the body leaves out goes back to its default, save
   * the key.
   *
   * @param ifMatch the lines of the request's {@code If-Match}
   * @throws Failure for a body that is no definition; NOT_FOUND also when archived;
   *     PRECONDITION_FAILED {@code version_conflict}; CONFLICT {@code key_taken}
   */
  @Transactional
  Workflow replace(
      UUID workspaceId, String idOrKey, JsonNode body, List<String> ifMatch, String userId) {
    Draft draft = reader.replace(body);
    WorkflowEntity row = locked(workspaceId, idOrKey, ifMatch);
    Workflow saved = save(row, draft, draft.keyOr(row.key), now(), userId);
    audit.record(workspaceId, userId, "workflow.update", saved.id().toString());
    return saved;
  }

  /**
   * Takes a workflow out of use. Its history stays, its key is free again.
   *
   * @throws Failure NOT_FOUND also when archived already; PRECONDITION_FAILED {@code
   *     version_conflict}
   */
  @Transactional
  void archive(UUID workspaceId, String idOrKey, List<String> ifMatch, String userId) {
    WorkflowEntity row = locked(workspaceId, idOrKey, ifMatch);
    row.archivedAt = now();
    audit.record(workspaceId, userId, "workflow.archive", row.id.toString());
  }

  private static WorkflowEntity locked(UUID workspaceId, String idOrKey, List<String> ifMatch) {
    // race: of two replacements of one version the second waits here, then sees the first one's
    WorkflowEntity row =
        WorkflowEntity.live(workspaceId, idOrKey, LockModeType.PESSIMISTIC_WRITE)
            .orElseThrow(() -> WorkflowEntity.notFound(idOrKey));
    if (!VersionTag.passes(ifMatch, row.version)) {
      throw Failure.of(
          Failure.Kind.PRECONDITION_FAILED,
          "version_conflict",
          "The workflow is at version "
              + VersionTag.of(row.version)
              + ", which If-Match does not name.");
    }
    return row;
  }

  private static Workflow save(
      WorkflowEntity row, Draft draft, String key, Instant now, String userId) {
    if (WorkflowEntity.isTaken(row.workspaceId, key, row.id)) {
      throw keyTaken(key);
    }
    ObjectNode document = draft.document(key);
    row.take(draft, key, now);
    WorkflowVersionEntity version = new WorkflowVersionEntity();
    version.workflowId = row.id;
    version.version = row.version;
    version.workspaceId = row.workspaceId;
    version.definition = Json.write(document);
    version.createdAt = now;
    version.createdBy = userId;
    try {
      row.persistAndFlush();
    } catch (ConstraintViolationException e) {
      // race: somebody else took the key since we looked
      throw "workflow_key".equals(e.getConstraintName()) ? keyTaken(key) : e;
    }
    version.persist();
    return row.toWorkflow(document);
  }

  private static Failure keyTaken(String key) {
    return Failure.conflict("key_taken", "Another workflow has the key " + key + ".");
  }

  /** As precise as the API writes times, so that a time reads the same from the first answer on. */
  private Instant now() {
    return time.instant().truncatedTo(ChronoUnit.MILLIS);
  }
}
