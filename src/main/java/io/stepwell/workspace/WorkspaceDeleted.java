package io.stepwell.workspace;

import java.util.UUID;

/**
 * A workspace is being deleted. Fired within the deleting transaction: what an observer does, is
 * done exactly when the workspace is gone.
 */
public record WorkspaceDeleted(UUID workspaceId) {}
