package io.stepwell.workspace;

import io.stepwell.kernel.Page;
import io.stepwell.kernel.PageRequest;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.TransactionPhase;
import jakarta.inject.Named;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import javax.sql.DataSource;

/**
 * Finds workspaces that are not deleted, usually without asking the database.
 *
 * <p>Thread-safe. Another replica's change is seen within {@value #SECONDS} seconds; id and slug
 * never change.
 */
@ApplicationScoped
public class WorkspaceDirectory {
  static final String LIST = "workspaces";

  private static final int SECONDS = 3;
  private static final int CAPACITY = 10_000;

  // these say which workspace it is, so they cannot be held to one: they go past the pool of
  // requests
  private static final String READ =
      """
      select id, slug, name, retention_days, created_at, updated_at
      from workspace
      where deleted_at is null and %s
      """;

  private static final String BY_SLUG = READ.formatted("slug = ?");
  private static final String BY_ID = READ.formatted("id = ?");
  private static final String NEWEST_FIRST = READ.formatted("id < ? order by id desc limit ?");

  private final ShortCache<String, Workspace> bySlug =
      new ShortCache<>(CAPACITY, Duration.ofSeconds(SECONDS));
  private final ShortCache<UUID, Workspace> byId =
      new ShortCache<>(CAPACITY, Duration.ofSeconds(SECONDS));

  private final DataSource database;

  WorkspaceDirectory(@Named("instance") DataSource database) {
    this.database = database;
  }

  public Optional<Workspace> bySlug(String slug) {
    return bySlug.get(slug, s -> read(BY_SLUG, s).stream().findFirst());
  }

  public Optional<Workspace> byId(UUID id) {
    return byId.get(id, i -> read(BY_ID, i).stream().findFirst());
  }

  /** All of them, newest first. */
  Page<Workspace> list(PageRequest request) {
    return Page.of(
        read(NEWEST_FIRST, request.bound(), request.fetch()), request, LIST, Workspace::id);
  }

  void forget(@Observes(during = TransactionPhase.AFTER_SUCCESS) WorkspaceDeleted deleted) {
    bySlug.clear();
    byId.clear();
  }

  private List<Workspace> read(String sql, Object... parameters) {
    try (Connection connection = database.getConnection();
        PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < parameters.length; i++) {
        statement.setObject(i + 1, parameters[i]);
      }
      List<Workspace> found = new ArrayList<>();
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          found.add(
              new Workspace(
                  row.getObject("id", UUID.class),
                  row.getString("slug"),
                  row.getString("name"),
                  row.getObject("retention_days", Integer.class),
                  row.getObject("created_at", OffsetDateTime.class).toInstant(),
                  row.getObject("updated_at", OffsetDateTime.class).toInstant()));
        }
      }
      return found;
    } catch (SQLException e) {
      throw new IllegalStateException("workspaces cannot be read", e);
    }
  }
}
