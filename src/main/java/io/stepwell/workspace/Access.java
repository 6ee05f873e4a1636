package io.stepwell.workspace;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Who may call a resource method. A method without it is refused to everybody.
 *
 * <p>For paths below {@code /api/workspaces/{slug}} the filter also makes sure that the key belongs
 * to that workspace, and puts a {@link Caller} into the request.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface Access {
  /** The least role in the workspace of the path. */
  Role value() default Role.VIEWER;

  /** Only the administrator of this instance. */
  boolean instanceAdministrator() default false;

  /** Whether any valid key will do, whatever its workspace (there is none in the path). */
  boolean anyWorkspace() default false;

  /** Whether a stream ticket for the execution of the path may stand in for a key. */
  boolean ticket() default false;
}
