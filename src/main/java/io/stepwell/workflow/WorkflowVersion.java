package io.stepwell.workflow;

import java.util.UUID;

/** One immutable version of a workflow, parsed and ready to run. */
public record WorkflowVersion(
    UUID workspaceId, UUID workflowId, String key, int version, Definition definition) {}
