package io.stepwell.inbox;

import io.quarkus.narayana.jta.QuarkusTransaction;
import io.stepwell.http.AnswerConfig;
import io.stepwell.http.AnswerMemory;
import io.stepwell.kernel.Failure;
import io.stepwell.kernel.Page;
import io.stepwell.kernel.PageRequest;
import io.stepwell.kernel.Weighed;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.util.List;
import java.util.UUID;

/** Lists a workspace's notifications and marks them as read. */
@ApplicationScoped
@Transactional
public class Notifications {
  static final String LIST = "notifications";

  private final AnswerMemory memory;
  private final long answerBytes;

  Notifications(AnswerMemory memory, AnswerConfig answers) {
    this.memory = memory;
    this.answerBytes = answers.answerBytes();
  }

  @Transactional(Transactional.TxType.NOT_SUPPORTED) // it may wait for memory
  Page<Notification> list(UUID workspaceId, NotificationFilter filter, PageRequest request) {
    Page<Weighed> page =
        QuarkusTransaction.requiringNew()
            .call(() ->
                Page.of(
                    NotificationEntity.newestFirst(workspaceId, filter, request),
                    request,
                    LIST,
                    answerBytes));
    memory.take(workspaceId, Weighed.sum(page.items()));
    List<Notification> notifications =
        QuarkusTransaction.requiringNew()
            .call(() ->
                NotificationEntity.of(workspaceId, page.map(Weighed::id).items()).stream()
                    .map(NotificationEntity::toNotification)
                    .toList());
    return new Page<>(notifications, page.limit(), page.nextCursor());
  }

  /**
   * One to be answered; it may wait for memory.
   *
   * @throws Failure {@code notification_not_found}; LIMITED {@code overloaded}
   */
  @Transactional(Transactional.TxType.NOT_SUPPORTED)
  Notification show(UUID workspaceId, UUID id) {
    memory.take(
        workspaceId,
        QuarkusTransaction.requiringNew().call(() -> NotificationEntity.weight(workspaceId, id)));
    return QuarkusTransaction.requiringNew().call(() -> get(workspaceId, id));
  }

  private static Notification get(UUID workspaceId, UUID id) {
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
