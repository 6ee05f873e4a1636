package io.stepwell.workspace;

import io.stepwell.kernel.Failure;
import io.stepwell.kernel.Ids;
import io.stepwell.kernel.Page;
import io.stepwell.kernel.PageRequest;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import jakarta.transaction.Transactional;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Issues, lists and revokes the keys of a workspace. */
@ApplicationScoped
@Transactional
public class ApiKeys {
  static final String LIST = "apiKeys";

  private final Ids ids;
  private final InstantSource time;
  private final Audit audit;
  private final Event<KeyRevoked> revoked;

  ApiKeys(Ids ids, InstantSource time, Audit audit, Event<KeyRevoked> revoked) {
    this.ids = ids;
    this.time = time;
    this.audit = audit;
    this.revoked = revoked;
  }

  /** What a new key shall be. */
  record Wish(String name, Role role, @Nullable String userId, @Nullable Instant expiresAt) {}

  IssuedKey issue(UUID workspaceId, Wish wish, String actor) {
    String text = KeyText.newApiKey();
    ApiKeyEntity key = new ApiKeyEntity();
    key.id = ids.next();
    key.workspaceId = workspaceId;
    key.name = wish.name();
    key.role = wish.role().spelling();
    key.prefix = KeyText.prefix(text);
    key.hash = KeyText.hash(text);
    key.userId = wish.userId();
    key.createdAt = now();
    key.expiresAt = wish.expiresAt();
    key.persist();
    audit.record(workspaceId, actor, "api_key.create", key.id.toString());
    return IssuedKey.of(key.toApiKey(), text);
  }

  Page<ApiKey> list(UUID workspaceId, PageRequest request) {
    return Page.of(ApiKeyEntity.newestFirst(workspaceId, request), request, LIST, k -> k.id)
        .map(ApiKeyEntity::toApiKey);
  }

  ApiKey get(UUID workspaceId, UUID id) {
    return find(workspaceId, id).toApiKey();
  }

  void revoke(UUID workspaceId, UUID id, String actor) {
    find(workspaceId, id).revokedAt = now();
    audit.record(workspaceId, actor, "api_key.delete", id.toString());
    revoked.fire(new KeyRevoked(id));
  }

  private static ApiKeyEntity find(UUID workspaceId, UUID id) {
    return ApiKeyEntity.byId(workspaceId, id).orElseThrow(() -> Failure.notFound("api_key", id));
  }

  private Instant now() {
    return time.instant().truncatedTo(ChronoUnit.MILLIS);
  }
}
