package io.stepwell.http;

import com.fasterxml.jackson.annotation.JsonAnyGetter;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.stepwell.kernel.Page;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * The answer of a list: the page under its plural noun, and where the next one begins.
 *
 * @param items one member, named by the noun
 */
@RegisterForReflection
@JsonPropertyOrder({"items", "pagination"})
public record ListAnswer(@JsonAnyGetter Map<String, List<?>> items, Pagination pagination) {

  /**
   * @param limit rows of a page
   * @param nextCursor what the request of the next page gives as {@code cursor}; null on the last
   */
  @RegisterForReflection
  public record Pagination(int limit, @Schema(nullable = true) @Nullable String nextCursor) {
    public static Pagination of(Page<?> page) {
      return new Pagination(page.limit(), page.nextCursor());
    }
  }

  public static ListAnswer of(String noun, Page<?> page) {
    return new ListAnswer(Map.of(noun, page.items()), Pagination.of(page));
  }
}
