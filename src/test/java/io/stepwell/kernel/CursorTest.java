package io.stepwell.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CursorTest {
  private static final UUID LAST = UUID.fromString("01a20586-306a-7000-bdfa-43fb7441b143");

  @Test
  void a_cursor_is_read_as_it_was_written() {
    assertThat(Cursor.read("tasks", Cursor.write("tasks", LAST))).isEqualTo(LAST);
  }

  @Test
  void a_cursor_of_another_list_is_refused() {
    String cursor = Cursor.write("tasks", LAST);
    assertRefused("notifications", cursor);
  }

  @Test
  void every_changed_character_is_noticed() {
    String cursor = Cursor.write("tasks", LAST);
    for (int i = 0; i < cursor.length(); i++) {
      char other = cursor.charAt(i) == 'A' ? 'B' : 'A';
      assertRefused("tasks", cursor.substring(0, i) + other + cursor.substring(i + 1));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "x", "!!!", "AAAA", "01a20586-306a-7000-bdfa-43fb7441b143"})
  void what_is_no_cursor_is_refused(String text) {
    assertRefused("tasks", text);
  }

  @Test
  void a_page_ends_where_the_next_one_begins() {
    PageRequest request = PageRequest.of("tasks", "2", null);
    List<UUID> rows = List.of(new UUID(0, 3), new UUID(0, 2), new UUID(0, 1));
    Page<UUID> page = Page.of(rows, request, "tasks", id -> id);
    assertThat(page.items()).containsExactly(new UUID(0, 3), new UUID(0, 2));
    assertThat(PageRequest.of("tasks", null, page.nextCursor()).bound()).isEqualTo(new UUID(0, 2));
  }

  @Test
  void the_last_page_has_no_cursor() {
    PageRequest request = PageRequest.of("tasks", "2", null);
    Page<UUID> page = Page.of(List.of(new UUID(0, 2), new UUID(0, 1)), request, "tasks", id -> id);
    assertThat(page.nextCursor()).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "101", "-1", "", "x", "1.0", "99999999999"})
  void a_limit_out_of_range_is_refused(String limit) {
    assertThatExceptionOfType(Failure.class)
        .isThrownBy(() -> PageRequest.of("tasks", limit, null))
        .satisfies(failure -> assertThat(failure.code()).isEqualTo("invalid_limit"));
  }

  private static void assertRefused(String list, String cursor) {
    assertThatExceptionOfType(Failure.class)
        .isThrownBy(() -> Cursor.read(list, cursor))
        .satisfies(failure -> assertThat(failure.code()).isEqualTo("invalid_cursor"));
  }
}
