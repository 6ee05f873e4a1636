package io.stepwell.kernel;

import java.util.regex.Pattern;

/** The pattern of workspace slugs and workflow keys. */
public final class Slug {
  public static final String PATTERN = "^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$";
  private static final Pattern COMPILED = Pattern.compile(PATTERN);

  private Slug() {}

  public static boolean matches(String text) {
    return COMPILED.matcher(text).matches();
  }
}
