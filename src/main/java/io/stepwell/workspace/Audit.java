package io.stepwell.workspace;

import io.stepwell.kernel.Ids;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.time.InstantSource;
import java.util.UUID;

/** Writes down who did what, in the transaction that does it. */
@ApplicationScoped
public class Audit {
  private final Ids ids;
  private final InstantSource time;

  Audit(Ids ids, InstantSource time) {
    this.ids = ids;
    this.time = time;
  }

  /**
   * @param actor the caller's user id
   * @param verb noun and verb, such as {@code api_key.create}
   * @param subject what it was done to
   */
  @Transactional(Transactional.TxType.MANDATORY)
  public void record(UUID workspaceId, String actor, String verb, String subject) {
    AuditEntity entry = new AuditEntity();
    entry.id = ids.next();
    entry.workspaceId = workspaceId;
    entry.actor = actor;
    entry.verb = verb;
    entry.subject = subject;
    entry.at = time.instant();
    entry.persist();
  }
}
