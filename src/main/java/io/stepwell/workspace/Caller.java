package io.stepwell.workspace;

import java.util.UUID;

/**
 * Who calls, and in which workspace. Request-scoped: inject it into a resource; the access filter
 * fills it before the method runs.
 */
public interface Caller {
  /** The workspace of the path. */
  UUID workspaceId();

  /** The slug of the workspace of the path. */
  String workspaceSlug();

  /** The key's user, or {@code apikey:<prefix>}; {@code admin} for the instance administrator. */
  String userId();

  Role role();

  boolean instanceAdministrator();
}
