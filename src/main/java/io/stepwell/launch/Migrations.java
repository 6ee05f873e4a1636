package io.stepwell.launch;

import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;
import org.flywaydb.core.api.ResourceProvider;
import org.flywaydb.core.api.resource.LoadableResource;
import org.jspecify.annotations.Nullable;

/**
 * The migrations of {@code db/migration}, in order, by name: neither a start nor a native
 * executable, which has no class path, has to search for them.
 */
final class Migrations implements ResourceProvider {
  private static final String FOLDER = "db/migration/";

  static final List<String> NAMES =
      List.of(
          "V1__create_tables.sql",
          "V2__trace_executions.sql",
          "V3__count_every_status.sql",
          "V4__carry_the_workspace_in_every_key.sql",
          "V5__say_what_release_it_needs.sql",
          "V6__let_old_rows_go.sql",
          "V7__hold_a_role_to_its_workspace.sql");

  /** The version of the newest: migrations are numbered without a gap. */
  static final int NEWEST = NAMES.size();

  @Override
  public @Nullable LoadableResource getResource(String name) {
    return NAMES.stream()
        .filter(known -> name.equals(known) || name.equals(FOLDER + known))
        .findFirst()
        .map(Script::new)
        .orElse(null);
  }

  @Override
  public Collection<LoadableResource> getResources(String prefix, String[] suffixes) {
    return NAMES.stream()
        .filter(name -> name.startsWith(prefix) && Stream.of(suffixes).anyMatch(name::endsWith))
        .<LoadableResource>map(Script::new)
        .toList();
  }

  private static final class Script extends LoadableResource {
    private final String name;

    Script(String name) {
      this.name = name;
    }

    @Override
    public Reader read() {
      try (InputStream in = Migrations.class.getClassLoader().getResourceAsStream(FOLDER + name)) {
        if (in == null) {
          throw new LaunchException("This build lacks " + FOLDER + name + ".");
        }
        return new StringReader(new String(in.readAllBytes(), StandardCharsets.UTF_8));
      } catch (IOException failure) {
        throw new UncheckedIOException(failure);
      }
    }

    @Override
    public String getAbsolutePath() {
      return FOLDER + name;
    }

    @Override
    public String getAbsolutePathOnDisk() {
      return getAbsolutePath();
    }

    @Override
    public String getFilename() {
      return name;
    }

    @Override
    public String getRelativePath() {
      return name;
    }
  }
}
