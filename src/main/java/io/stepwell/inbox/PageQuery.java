package io.stepwell.inbox;

import io.stepwell.kernel.PageRequest;
import io.stepwell.kernel.Weighed;
import jakarta.persistence.EntityManager;
import jakarta.persistence.TypedQuery;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Finds the rows that a page of a list may have, and what of them may be large. */
final class PageQuery {
  private final String query;
  private final StringBuilder conditions = new StringBuilder();
  private final Map<String, Object> parameters = new LinkedHashMap<>();
  private final int rows;

  /**
   * @param query selects {@link Weighed} rows of {@code :workspace} below {@code :bound}, newest
   *     first; further conditions take the place of its {@code %s}
   */
  PageQuery(String query, UUID workspaceId, PageRequest request) {
    this.query = query;
    this.rows = request.fetch();
    parameters.put("workspace", workspaceId);
    parameters.put("bound", request.bound());
  }

  void and(String condition) {
    conditions.append(" and ").append(condition);
  }

  void and(String condition, String parameter, Object value) {
    and(condition);
    parameters.put(parameter, value);
  }

  List<Weighed> newestFirst(EntityManager entities) {
    TypedQuery<Weighed> typed =
        entities.createQuery(query.formatted(conditions), Weighed.class).setMaxResults(rows);
    parameters.forEach(typed::setParameter);
    return typed.getResultList();
  }
}
