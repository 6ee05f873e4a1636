package io.stepwell.workspace;

import java.util.UUID;

/** A secret is being written or deleted. Fired within the transaction that does it. */
record SecretChanged(UUID workspaceId, String name) {}
