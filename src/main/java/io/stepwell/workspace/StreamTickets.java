package io.stepwell.workspace;

import io.quarkus.runtime.annotations.RegisterForReflection;
import io.quarkus.scheduler.Scheduled;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.stepwell.kernel.Failure;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Named;
import jakarta.persistence.EntityManager;
import jakarta.transaction.Transactional;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.UUID;
import javax.sql.DataSource;

/**
 * Gives out passes to the stream of one execution, for a browser's {@code EventSource}, which
 * cannot send headers.
 *
 * <p>A ticket waits {@link #FIRST_USE} for its first use; from then on it also lets the automatic
 * reconnections of that {@code EventSource} pass, for {@link #RECONNECTION}.
 */
@ApplicationScoped
public class StreamTickets {
  static final Duration FIRST_USE = Duration.ofSeconds(60);
  static final Duration RECONNECTION = Duration.ofMinutes(10);

  /** No row when the execution is not in the workspace. */
  private static final String ISSUE =
      """
      insert into stream_ticket (hash, workspace_id, execution_id, user_id, expires_at)
      select :hash, e.workspace_id, e.id, :userId, :expiresAt
      from execution e
      where e.id = :executionId
        and e.workspace_id = :workspaceId
      """;

  // this says whose ticket it is, so it cannot be held to a workspace: it goes past the pool of
  // requests
  private static final String USE =
      """
      update stream_ticket
      set first_used_at = coalesce(first_used_at, ?),
          expires_at = case when first_used_at is null then ? else expires_at end
      where hash = ?
        and execution_id = ?
        and expires_at > ?
      returning workspace_id, user_id
      """;

  private static final String DELETE_EXPIRED =
      """
      delete from stream_ticket
      where expires_at <= ?
      """;

  /** A ticket at the one moment when its text is known. */
  @RegisterForReflection
  public record IssuedTicket(String ticket, Instant expiresAt) {
    @Override
    public String toString() {
      return "IssuedTicket[until " + expiresAt + "]"; // never the ticket itself
    }
  }

  private final EntityManager ofRequest;
  private final DataSource database;
  private final InstantSource time;

  StreamTickets(
      EntityManager ofRequest, @Named("instance") DataSource database, InstantSource time) {
    this.ofRequest = ofRequest;
    this.database = database;
    this.time = time;
  }

  /**
   * @throws Failure {@code execution_not_found}
   */
  @Transactional
  IssuedTicket issue(UUID workspaceId, UUID executionId, String userId) {
    String ticket = KeyText.newTicket();
    Instant expiresAt = time.instant().truncatedTo(ChronoUnit.MILLIS).plus(FIRST_USE);
    int issued =
        ofRequest
            .createNativeQuery(ISSUE)
            .setParameter("hash", KeyText.hash(ticket))
            .setParameter("userId", userId)
            .setParameter("expiresAt", expiresAt)
            .setParameter("executionId", executionId)
            .setParameter("workspaceId", workspaceId)
            .executeUpdate();
    if (issued == 0) {
      throw Failure.notFound("execution", executionId);
    }
    return new IssuedTicket(ticket, expiresAt);
  }

  /** Who holds this ticket, when it is one for this execution and still good. */
  Optional<Principal> use(String ticket, UUID executionId) {
    Instant now = time.instant();
    try (Connection connection = database.getConnection();
        PreparedStatement statement = connection.prepareStatement(USE)) {
      statement.setObject(1, now.atOffset(ZoneOffset.UTC));
      statement.setObject(2, now.plus(RECONNECTION).atOffset(ZoneOffset.UTC));
      statement.setBytes(3, KeyText.hash(ticket));
      statement.setObject(4, executionId);
      statement.setObject(5, now.atOffset(ZoneOffset.UTC));
      try (ResultSet row = statement.executeQuery()) {
        return row.next()
            ? Optional.of(
                new Principal.TicketHolder(
                    row.getObject("workspace_id", UUID.class),
                    executionId,
                    row.getString("user_id")))
            : Optional.empty();
      }
    } catch (SQLException e) {
      throw new IllegalStateException("a ticket cannot be looked up", e);
    }
  }

  @Scheduled(every = "60s", delayed = "30s")
  @RunOnVirtualThread
  void deleteExpired() {
    try (Connection connection = database.getConnection();
        PreparedStatement statement = connection.prepareStatement(DELETE_EXPIRED)) {
      statement.setObject(1, time.instant().atOffset(ZoneOffset.UTC));
      statement.executeUpdate();
    } catch (SQLException e) {
      throw new IllegalStateException("expired tickets cannot be deleted", e);
    }
  }
}
