package io.stepwell.inbox;

import io.quarkus.hibernate.orm.panache.PanacheEntityBase;
import io.stepwell.kernel.PageRequest;
import io.stepwell.kernel.Weighed;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.NullUnmarked;

/** A row of {@code notification}; {@link EffectRows} inserts it. */
@Entity
@Table(name = "notification")
@NullUnmarked
public class NotificationEntity extends PanacheEntityBase {
  @Id public UUID id;

  @Column(name = "workspace_id", updatable = false)
  public UUID workspaceId;

  @Column(name = "execution_id", updatable = false)
  public UUID executionId;

  @Column(name = "step_path", updatable = false)
  public String stepPath;

  @Column(updatable = false)
  public String channel;

  @Column(updatable = false)
  public String recipient;

  @Column(updatable = false)
  public String subject;

  @Column(updatable = false)
  public String message;

  @Column(updatable = false)
  public String url;

  @Column(name = "created_at", updatable = false)
  public Instant createdAt;

  @Column(name = "delivered_at", updatable = false)
  public Instant deliveredAt;

  @Column(name = "read_at")
  public Instant readAt;

  private static final String WEIGHT =
      """
      cast(octet_length(message) + coalesce(octet_length(subject), 0)
        + coalesce(octet_length(url), 0) as long)\
      """;

  private static final String WEIGH =
      """
      select new io.stepwell.kernel.Weighed(id, %s)
      from NotificationEntity
      where workspaceId = :workspace and id < :bound%%s
      order by id desc
      """
          .formatted(WEIGHT);

  private static final String LARGEST =
      """
      select coalesce(max(%s), 0l)
      from NotificationEntity
      where workspaceId = ?1 and %s = ?2
      """;

  /** Those of them that are there, newest first. */
  static List<NotificationEntity> of(UUID workspaceId, List<UUID> ids) {
    return list("workspaceId = ?1 and id in ?2 order by id desc", workspaceId, ids);
  }

  static Optional<NotificationEntity> byId(UUID workspaceId, UUID id) {
    return find("id = ?1 and workspaceId = ?2", id, workspaceId).firstResultOptional();
  }

  static Optional<NotificationEntity> nextOfExecution(
      UUID workspaceId, UUID executionId, UUID after) {
    return NotificationEntity.<NotificationEntity>find(
            "workspaceId = ?1 and executionId = ?2 and id > ?3 order by id",
            workspaceId,
            executionId,
            after)
        .page(0, 1)
        .firstResultOptional();
  }

  /** Bytes of what may be large in one; 0 where it is not there. */
  static long weight(UUID workspaceId, UUID id) {
    return largest("id", workspaceId, id);
  }

  static long largestOfExecution(UUID workspaceId, UUID executionId) {
    return largest("executionId", workspaceId, executionId);
  }

  private static long largest(String column, UUID workspaceId, UUID id) {
    return getEntityManager()
        .createQuery(LARGEST.formatted(WEIGHT, column), Long.class)
        .setParameter(1, workspaceId)
        .setParameter(2, id)
        .getSingleResult();
  }

  /** The rows that a page may have, and what of them may be large. */
  static List<Weighed> newestFirst(
      UUID workspaceId, NotificationFilter filter, PageRequest request) {
    PageQuery query = new PageQuery(WEIGH, workspaceId, request);
    filter
        .recipient()
        .ifPresent(recipient -> query.and("recipient = :recipient", "recipient", recipient));
    filter
        .unread()
        .ifPresent(unread -> query.and(unread ? "readAt is null" : "readAt is not null"));
    return query.newestFirst(getEntityManager());
  }

  Notification toNotification() {
    return new Notification(
        id,
        executionId,
        stepPath,
        channel,
        recipient,
        subject,
        message,
        url,
        createdAt,
        deliveredAt,
        readAt);
  }
}
