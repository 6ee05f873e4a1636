package io.stepwell.kernel;

import java.util.UUID;

/**
 * A row of a list that was not read yet.
 *
 * @param bytes of what may be large in it
 */
public record Weighed(UUID id, long bytes) {}
