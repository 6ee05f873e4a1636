package io.stepwell.workflow;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.stepwell.http.BodyMemory;
import io.stepwell.kernel.Failure;
import io.stepwell.kernel.Json;
import io.stepwell.kernel.Page;
import io.stepwell.kernel.PageRequest;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import jakarta.transaction.Transactional;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Finds workflows and their versions. Thread-safe; joins the caller's transaction where there is
 * one.
 *
 * <p>{@code idOrKey} is a workflow's UUID or its key. Where a key has the form of a UUID, a
 * workflow with that id comes first. What is neither is simply not found.
 */
@ApplicationScoped
public class Workflows {
  /** The name of the list, which its cursors are bound to. */
  static final String LIST = "workflows";

  private static final int MOST_KNOWN = 10_000;
  private static final int SMALL = 64 << 10;

  private record Name(UUID workspaceId, String idOrKey) {}

  private final DefinitionReader reader;
  private final VersionCache cache;
  private final BodyMemory body;
  private final ReentrantLock parsing = new ReentrantLock(true);
  private final Cache<Name, WorkflowVersionEntity.Id> executable =
      Caffeine.newBuilder().maximumSize(MOST_KNOWN).build();

  Workflows(DefinitionReader reader, VersionCache cache, BodyMemory body) {
    this.body = body;
    this.reader = reader;
    this.cache = cache;
  }

  /**
   * The current version of a workflow that may be executed. Whether it may is asked of the database
   * every time, so disabling and archiving take effect at once on every replica.
   *
   * @throws Failure NOT_FOUND when unknown or archived, CONFLICT {@code workflow_disabled} when
   *     disabled
   */
  @Transactional
  public WorkflowVersion executable(UUID workspaceId, String idOrKey) {
    WorkflowEntity row = live(workspaceId, idOrKey);
    if (!row.enabled) {
      throw Failure.conflict("workflow_disabled", "The workflow " + row.key + " is disabled.");
    }
    executable.put(
        new Name(workspaceId, idOrKey),
        new WorkflowVersionEntity.Id(workspaceId, row.id, row.version));
    return version(workspaceId, row.id, row.version);
  }

  /**
   * What {@link #executable} answered last, without asking the database: it may be neither current
   * nor executable any more, which its user has to find out where it counts.
   */
  public Optional<WorkflowVersion> lastExecutable(UUID workspaceId, String idOrKey) {
    return Optional.ofNullable(executable.getIfPresent(new Name(workspaceId, idOrKey)))
        .flatMap(id -> cache.find(id.workspaceId(), id.workflowId(), id.version()));
  }

  /**
   * The id of a workflow, archived or not.
   *
   * @throws Failure NOT_FOUND when there is none
   */
  @Transactional
  public UUID idOf(UUID workspaceId, String idOrKey) {
    return any(workspaceId, idOrKey).id;
  }

  /**
   * A version that an execution runs on, from the cache or the database.
   *
   * @throws Failure NOT_FOUND when there is none
   */
  public WorkflowVersion version(UUID workspaceId, UUID workflowId, int version) {
    return cache
        .find(workspaceId, workflowId, version)
        .orElseGet(() -> load(workspaceId, workflowId, version));
  }

  private WorkflowVersion load(UUID workspaceId, UUID workflowId, int version) {
    WorkflowVersionEntity row =
        QuarkusTransaction.joiningExisting()
            .call(() -> versionRow(workspaceId, workflowId, version));
    JsonNode document = parsed(row.definition);
    WorkflowVersion loaded =
        new WorkflowVersion(
            workspaceId,
            workflowId,
            document.path("key").textValue(),
            version,
            reader.stored(document));
    cache.keep(loaded, row.definition);
    return loaded;
  }

  /** A workflow with its current definition, archived or not. */
  @Transactional
  Workflow get(UUID workspaceId, String idOrKey) {
    WorkflowEntity row = any(workspaceId, idOrKey);
    makeRoom(workspaceId, row.id, row.version);
    return row.toWorkflow(body.parse(versionRow(workspaceId, row.id, row.version).definition));
  }

  /** The workflows that are not archived, newest first. */
  @Transactional
  Page<Workflow.Summary> list(UUID workspaceId, PageRequest request) {
    return Page.of(WorkflowEntity.newestFirst(workspaceId, request), request, LIST, row -> row.id)
        .map(WorkflowEntity::toSummary);
  }

  /** The versions of a workflow, archived or not, newest first. */
  @Transactional
  Page<Workflow.VersionSummary> versions(UUID workspaceId, String idOrKey, PageRequest request) {
    UUID id = any(workspaceId, idOrKey).id;
    List<Workflow.VersionSummary> rows =
        WorkflowVersionEntity.newestFirst(workspaceId, id, request);
    return Page.of(
        rows, request, WorkflowVersionEntity.LIST, v -> WorkflowVersionEntity.place(v.version()));
  }

  /** One version of a workflow, archived or not. */
  @Transactional
  Workflow.Version get(UUID workspaceId, String idOrKey, int version) {
    UUID id = any(workspaceId, idOrKey).id;
    makeRoom(workspaceId, id, version);
    WorkflowVersionEntity row = versionRow(workspaceId, id, version);
    return row.toVersion(body.parse(row.definition));
  }

  /** A definition that is read to be answered takes as much as the body that it came with. */
  private void makeRoom(UUID workspaceId, UUID workflowId, int version) {
    body.receive(WorkflowVersionEntity.bytes(workspaceId, workflowId, version));
  }

  /** Large ones one after the other: nobody weighs what executions need. */
  private JsonNode parsed(String definition) {
    if (definition.length() <= SMALL) {
      return Json.read(definition);
    }
    parsing.lock();
    try {
      return Json.read(definition);
    } finally {
      parsing.unlock();
    }
  }

  private static WorkflowEntity live(UUID workspaceId, String idOrKey) {
    return WorkflowEntity.live(workspaceId, idOrKey, LockModeType.NONE)
        .orElseThrow(() -> WorkflowEntity.notFound(idOrKey));
  }

  private static WorkflowEntity any(UUID workspaceId, String idOrKey) {
    return WorkflowEntity.any(workspaceId, idOrKey)
        .orElseThrow(() -> WorkflowEntity.notFound(idOrKey));
  }

  private static WorkflowVersionEntity versionRow(UUID workspaceId, UUID workflowId, int version) {
    return WorkflowVersionEntity.of(workspaceId, workflowId, version)
        .orElseThrow(() -> noVersion(version));
  }

  static Failure noVersion(Object version) {
    return Failure.notFound("workflow_version", version);
  }
}
