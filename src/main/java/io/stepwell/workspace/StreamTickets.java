package io.stepwell.workspace;

import io.quarkus.runtime.annotations.RegisterForReflection;
import io.quarkus.scheduler.Scheduled;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.stepwell.kernel.Failure;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import jakarta.persistence.Tuple;
import jakarta.transaction.Transactional;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

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

  private static final String USE =
      """
      update stream_ticket
      set first_used_at = coalesce(first_used_at, :now),
          expires_at = case when first_used_at is null then :reconnectionEnd else expires_at end
      where hash = :hash
        and execution_id = :executionId
        and expires_at > :now
      returning workspace_id, user_id
      """;

  private static final String DELETE_EXPIRED =
      """
      delete from stream_ticket
      where expires_at <= :now
      """;

  /** A ticket at the one moment when its text is known. */
  @RegisterForReflection
  public record IssuedTicket(String ticket, Instant expiresAt) {
    @Override
    public String toString() {
      return "IssuedTicket[until " + expiresAt + "]"; // never the ticket itself
    }
  }

  private final EntityManager database;
  private final InstantSource time;

  StreamTickets(EntityManager database, InstantSource time) {
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
        database
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
  @Transactional
  Optional<Principal> use(String ticket, UUID executionId) {
    Instant now = time.instant();
    List<Tuple> holders =
        database
            .createNativeQuery(USE, Tuple.class)
            .setParameter("now", now)
            .setParameter("reconnectionEnd", now.plus(RECONNECTION))
            .setParameter("hash", KeyText.hash(ticket))
            .setParameter("executionId", executionId)
            .getResultList();
    return holders.stream()
        .findFirst()
        .map(holder ->
            new Principal.TicketHolder(
                holder.get("workspace_id", UUID.class),
                executionId,
                holder.get("user_id", String.class)));
  }

  @Scheduled(every = "60s", delayed = "30s")
  @RunOnVirtualThread
  @Transactional
  void deleteExpired() {
    database.createNativeQuery(DELETE_EXPIRED).setParameter("now", time.instant()).executeUpdate();
  }
}
