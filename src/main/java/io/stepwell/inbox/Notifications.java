package io.stepwell.inbox;

import io.stepwell.http.AnswerConfig;
import io.stepwell.kernel.Failure;
import io.stepwell.kernel.Page;
import io.stepwell.kernel.PageRequest;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.util.List;
import java.util.UUID;

/** Lists a workspace's notifications and marks them as read. */
@ApplicationScoped
@Transactional
public class Notifications {
  static final String LIST = "notifications";

  private final long answerBytes;

  Notifications(AnswerConfig answers) {
    this.answerBytes = answers.answerBytes();
  }

  Page<Notification> list(UUID workspaceId, NotificationFilter filter, PageRequest request) {
    Page<UUID> page =
        Page.of(
            NotificationEntity.newestFirst(workspaceId, filter, request),
            request,
            LIST,
            answerBytes);
    List<Notification> notifications =
        NotificationEntity.of(workspaceId, page.items()).stream()
            .map(NotificationEntity::toNotification)
            .toList();
    return new Page<>(notifications, page.limit(), page.nextCursor());
  }

  /**
   * @throws Failure {@code notification_not_found}
   */
  Notification get(UUID workspaceId, UUID id) {
    return NotificationEntity.byId(workspaceId, id)
        .orElseThrow(() -> Failure.notFound("notification", id))
        .toNotification();
  }

  /**
   * Marks one as read; one that is read already keeps its time.
   *
   * @throws Failure {@code notification_not_found}
   */
  Notification read(UUID workspaceId, UUID id) {
    // created_at is of the database's clock too
    NotificationEntity.update(
        "readAt = instant where id = ?1 and workspaceId = ?2 and readAt is null", id, workspaceId);
    return get(workspaceId, id);
  }
}
