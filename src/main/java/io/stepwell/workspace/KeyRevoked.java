package io.stepwell.workspace;

import java.util.UUID;

/** A key is being revoked. Fired within the transaction that does it. */
record KeyRevoked(UUID keyId) {}
