package io.stepwell.workflow;

import java.util.UUID;

/** Finds workflows and their versions. Placeholder until the workflow room lands. */
public interface Workflows {
  /**
   * The current version of a workflow that may be executed.
   *
   * @throws io.stepwell.kernel.Failure NOT_FOUND when unknown or archived, CONFLICT
   *     {@code workflow_disabled} when disabled
   */
  WorkflowVersion executable(UUID workspaceId, String idOrKey);

  /** The id of a workflow, archived or not. Throws a NOT_FOUND failure when there is none. */
  UUID idOf(UUID workspaceId, String idOrKey);

  /** A version that an execution runs on, from the cache or the database. */
  WorkflowVersion version(UUID workflowId, int version);
}
