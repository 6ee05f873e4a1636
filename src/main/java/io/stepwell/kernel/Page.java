package io.stepwell.kernel;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One page of a list, newest first.
 *
 * @param nextCursor where the next page begins, {@code null} on the last one
 */
public record Page<T>(List<T> items, int limit, @Nullable String nextCursor) {

  /**
   * The page made of up to {@code limit + 1} rows, the surplus one telling that there is more.
   *
   * @param list the name of the list, which its cursors are bound to
   */
  public static <T> Page<T> of(
      List<T> rows, PageRequest request, String list, Function<T, UUID> id) {
    if (rows.size() <= request.limit()) {
      return new Page<>(List.copyOf(rows), request.limit(), null);
    }
    List<T> items = List.copyOf(rows.subList(0, request.limit()));
    return new Page<>(items, request.limit(), Cursor.write(list, id.apply(items.getLast())));
  }

  /**
   * The page made of these rows, which may be fewer than the limit although more follow.
   *
   * @param last the last row that was looked at, where more follow; {@code null} where none do
   */
  public static <T> Page<T> upTo(
      @Nullable UUID last, List<T> rows, PageRequest request, String list) {
    return new Page<>(
        List.copyOf(rows), request.limit(), last == null ? null : Cursor.write(list, last));
  }

  /**
   * The page made of up to {@code limit + 1} rows: as many as weigh no more than {@code bytes}
   * together, and one at least.
   */
  public static Page<Weighed> of(List<Weighed> rows, PageRequest request, String list, long bytes) {
    List<Weighed> shown = new ArrayList<>();
    long sum = 0;
    for (Weighed row : rows) {
      sum += row.bytes();
      if (shown.size() == request.limit() || !shown.isEmpty() && sum > bytes) {
        return upTo(shown.getLast().id(), shown, request, list);
      }
      shown.add(row);
    }
    return upTo(null, shown, request, list);
  }

  public <R> Page<R> map(Function<T, R> mapping) {
    return new Page<>(items.stream().map(mapping).toList(), limit, nextCursor);
  }
}
