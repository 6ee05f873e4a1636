package io.stepwell.workspace;

import io.quarkus.narayana.jta.QuarkusTransaction;
import io.stepwell.kernel.Failure;
import io.stepwell.kernel.Ids;
import io.stepwell.kernel.Page;
import io.stepwell.kernel.PageRequest;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.TransactionPhase;
import jakarta.persistence.EntityManager;
import jakarta.transaction.Transactional;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * Keeps the secrets of a workspace, encrypted at rest.
 *
 * <p>Thread-safe. A change is seen at once on this replica and within {@value #SECONDS} seconds on
 * the others.
 */
@ApplicationScoped
public class Secrets {
  static final String LIST = "secrets";
  static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,63}");

  private static final int SECONDS = 3;
  private static final int CAPACITY = 1_000;

  /** The new id comes back when the secret is new. */
  private static final String UPSERT =
      """
      insert into secret (id, workspace_id, name, ciphertext, updated_at, updated_by)
      values (:id, :workspaceId, :name, :ciphertext, :now, :actor)
      on conflict (workspace_id, name) do update
        set ciphertext = excluded.ciphertext,
            updated_at = excluded.updated_at,
            updated_by = excluded.updated_by
      returning id
      """;

  private record Place(UUID workspaceId, String name) {}

  /** What became of a written secret. */
  record Written(Secret secret, boolean created) {}

  private final ShortCache<Place, String> values =
      new ShortCache<>(CAPACITY, Duration.ofSeconds(SECONDS));
  private final SecretCipher cipher;
  private final EntityManager database;
  private final Ids ids;
  private final InstantSource time;
  private final Audit audit;
  private final Event<SecretChanged> changed;

  Secrets(
      SecretCipher cipher,
      EntityManager database,
      Ids ids,
      InstantSource time,
      Audit audit,
      Event<SecretChanged> changed) {
    this.cipher = cipher;
    this.database = database;
    this.ids = ids;
    this.time = time;
    this.audit = audit;
    this.changed = changed;
  }

  /**
   * The value of a secret, empty when there is none of that name, or no key to open any.
   *
   * @throws UnreadableSecret when it does not open with the operator's present key
   */
  public Optional<String> value(UUID workspaceId, String name) {
    return cipher.isConfigured()
        ? values.get(new Place(workspaceId, name), this::read)
        : Optional.empty();
  }

  /**
   * @throws Failure {@code secrets_not_configured}
   */
  @Transactional
  Written write(UUID workspaceId, String name, String value, String actor) {
    UUID id = ids.next();
    Instant now = time.instant().truncatedTo(ChronoUnit.MILLIS);
    Object stored =
        database
            .createNativeQuery(UPSERT, UUID.class)
            .setParameter("id", id)
            .setParameter("workspaceId", workspaceId)
            .setParameter("name", name)
            .setParameter("ciphertext", cipher.encrypt(workspaceId, name, value))
            .setParameter("now", now)
            .setParameter("actor", actor)
            .getSingleResult();
    boolean created = id.equals(stored);
    audit.record(workspaceId, actor, created ? "secret.create" : "secret.update", name);
    changed.fire(new SecretChanged(workspaceId, name));
    return new Written(new Secret(name, now), created);
  }

  @Transactional
  Page<Secret> list(UUID workspaceId, PageRequest request) {
    return Page.of(SecretEntity.newestFirst(workspaceId, request), request, LIST, s -> s.id)
        .map(s -> new Secret(s.name, s.updatedAt));
  }

  @Transactional
  void delete(UUID workspaceId, String name, String actor) {
    // the pattern comes first: PostgreSQL cannot even compare every text that a path can hold
    if (!NAME.matcher(name).matches()
        || SecretEntity.delete("workspaceId = ?1 and name = ?2", workspaceId, name) == 0) {
      throw Failure.notFound("secret", name);
    }
    audit.record(workspaceId, actor, "secret.delete", name);
    changed.fire(new SecretChanged(workspaceId, name));
  }

  void forget(@Observes(during = TransactionPhase.AFTER_SUCCESS) SecretChanged change) {
    values.clear();
  }

  private Optional<String> read(Place place) {
    return QuarkusTransaction.requiringNew()
        .call(() -> SecretEntity.byName(place.workspaceId, place.name).map(s -> s.ciphertext))
        .map(ciphertext -> cipher.decrypt(place.workspaceId, place.name, ciphertext));
  }
}
