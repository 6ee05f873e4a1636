package io.stepwell.engine;

import java.util.UUID;

/**
 * An execution that needs a replica.
 *
 * @param claims how often it was claimed without progress
 * @param bytes what a claim of it reads at least
 */
record DueExecution(UUID workspaceId, UUID executionId, int claims, int bytes) {}
