package io.stepwell.execution;

import java.util.UUID;

/** Fired inside the transaction that cancels an execution. */
public record ExecutionCancelled(UUID workspaceId, UUID executionId) {}
