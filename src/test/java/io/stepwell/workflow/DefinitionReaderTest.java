package io.stepwell.workflow;

import static io.stepwell.workflow.Definitions.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import io.stepwell.kernel.Failure;
import io.stepwell.kernel.Problem;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DefinitionReaderTest {
  private final DefinitionReader reader = Definitions.reader();

  @Test
  void the_smallest_definition_gets_every_default() {
    Draft draft = reader.create(json("{'key': 'greet', 'actions': []}"));

    assertThat(draft.document("greet"))
        .isEqualTo(json("{'key': 'greet', 'name': 'greet', 'enabled': true, 'actions': []}"));
  }

  @Test
  void the_document_holds_what_was_sent_as_it_was_sent() {
    JsonNode body =
        json(
            """
            {'key': 'greet', 'name': 'Greet', 'description': '', 'enabled': false,
             'triggerSchema': {'type': 'object', 'title': 'x'},
             'actions': [{'type': 'note', 'config': {'text': 'hi', 'nothing': null}, 'when': null}]}
            """);

    assertThat(reader.create(body).document("greet")).isEqualTo(body);
  }

  @Test
  void a_replacement_may_leave_the_key_out() {
    Draft draft = reader.replace(json("{'actions': []}"));

    assertThat(draft.keyOr("present")).isEqualTo("present");
    assertThat(draft.document("present").path("name").textValue()).isEqualTo("present");
  }

  @Test
  void a_replacement_may_bring_a_new_key() {
    assertThat(reader.replace(json("{'key': 'new', 'actions': []}")).keyOr("old")).isEqualTo("new");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        // the workflow itself
        "{'actions': []}                                       | /key           | is required",
        "{'key': null, 'actions': []}                          | /key           | is required",
        "{'key': 'Greet', 'actions': []}                       | /key           | does not match",
        "{'key': '-a', 'actions': []}                          | /key           | does not match",
        "{'key': '', 'actions': []}                            | /key           | is blank",
        "{'key': 'executions', 'actions': []}                  | /key           | is reserved",
        "{'key': 'validate', 'actions': []}                    | /key           | is reserved",
        "{'key': 'a', 'name': ' ', 'actions': []}              | /name          | is blank",
        "{'key': 'a'}                                          | /actions       | is required",
        "{'key': 'a', 'actions': null}                         | /actions       | is required",
        "{'key': 'a', 'triggerSchema': {'minLength': -1}, 'actions': []} | /triggerSchema/minLength"
            + " | ``",
        "{'key': 'a', 'triggerSchema': {'required': 7}, 'actions': []} | /triggerSchema/required |"
            + " ``",
      })
  void a_wrong_value_is_invalid(String body, String pointer, String detail) {
    assertRefused(body, Failure.Kind.INVALID, "workflow_invalid", pointer, detail);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'key': 1, 'actions': []}                             | /key           | is not a string",
        "{'key': 'a', 'name': {}, 'actions': []}               | /name          | is not a string",
        "{'key': 'a', 'description': 3, 'actions': []}         | /description   | is not a string",
        "{'key': 'a', 'enabled': 'yes', 'actions': []}         | /enabled       | is not true or"
            + " false",
        "{'key': 'a', 'triggerSchema': true, 'actions': []}    | /triggerSchema | is not an object",
        "{'key': 'a', 'actions': {}}                           | /actions       | is not an array",
        "{'key': 'a', 'actions': [1]}                          | /actions/0     | is not an object",
        "{'key': 'a', 'actions': [null]}                       | /actions/0     | is not an object",
        "{'key': 'a', 'actions': [], 'a/b~c': 1}               | /a~1b~0c       | is not a known"
            + " member",
        "{'key': 'a', 'actions': [], 'version': 1}             | /version       | is not a known"
            + " member",
      })
  void a_wrong_shape_is_malformed(String body, String pointer, String detail) {
    assertRefused(body, Failure.Kind.MALFORMED, "invalid_request", pointer, detail);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{}                                                | /type         | is required",
        "{'type': 'nonesuch'}                              | /type         | is not a registered"
            + " action type",
        "{'type': 'note', 'config': {}}                    | /config/text  | ``",
        "{'type': 'note', 'config': {'text': 1}}           | /config/text  | ``",
        "{'type': 'note', 'config': {'text': '{{ 1 + }}'}} | /config/text  | ``",
        "{'type': 'wait', 'name': '1st'}                   | /name         | does not match",
        "{'type': 'wait', 'name': 'a-b'}                   | /name         | does not match",
        "{'type': 'wait', 'onError': 'explode'}            | /onError      | is not one of stop,"
            + " continue, retry",
        "{'type': 'wait', 'onError': 'STOP'}               | /onError      | is not one of stop,"
            + " continue, retry",
        "{'type': 'wait', 'retry': {}}                     | /retry        | only goes with onError"
            + " retry",
        "{'type': 'wait', 'onError': 'stop', 'retry': {}}  | /retry        | only goes with onError"
            + " retry",
        "{'type': 'wait', 'timeout': 0}                    | /timeout      | is not from 1 to"
            + " 3600000",
        "{'type': 'wait', 'timeout': 3600001}              | /timeout      | is not from 1 to"
            + " 3600000",
        "{'type': 'wait', 'timeout': 99999999999999999999} | /timeout      | is not from 1 to"
            + " 3600000",
        "{'type': 'wait', 'when': ''}                      | /when         | is blank",
        "{'type': 'wait', 'when': '1 +'}                   | /when         | is not an expression",
        "{'type': 'wait', 'then': []}                      | /then         | only a condition has"
            + " branches",
        "{'type': 'wait', 'else': []}                      | /else         | only a condition has"
            + " branches",
        "{'type': 'condition', 'then': [{}]}               | /then/0/type  | is required",
        "{'type': 'condition', 'else': [{'type': 'x'}]}    | /else/0/type  | is not a registered"
            + " action type",
        "{'type': 'condition', 'then': [{'type': 'condition', 'else': [{}]}]} | /then/0/else/0/type"
            + " | is required",
        "{'type': 'condition', 'then': [{'type': 'note', 'config': {'text': 1}}]} |"
            + " /then/0/config/text | ``",
      })
  void a_wrong_value_in_an_action_is_invalid(String action, String pointer, String detail) {
    assertRefused(
        "{'key': 'a', 'actions': [{'type': 'wait'}, " + action + "]}",
        Failure.Kind.INVALID,
        "workflow_invalid",
        "/actions/1" + pointer,
        detail);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'type': 7}                                       | /type         | is not a string",
        "{'type': 'wait', 'name': 7}                       | /name         | is not a string",
        "{'type': 'wait', 'config': []}                    | /config       | is not an object",
        "{'type': 'wait', 'onError': true}                 | /onError      | is not a string",
        "{'type': 'wait', 'onError': 'retry', 'retry': 3}  | /retry        | is not an object",
        "{'type': 'wait', 'timeout': '30000'}              | /timeout      | is not a whole number",
        "{'type': 'wait', 'timeout': 1.5}                  | /timeout      | is not a whole number",
        "{'type': 'wait', 'when': true}                    | /when         | is not a string",
        "{'type': 'wait', 'onerror': 'stop'}               | /onerror      | is not a known member",
        "{'type': 'condition', 'then': {}}                 | /then         | is not an array",
        "{'type': 'condition', 'else': [[]]}               | /else/0       | is not an object",
        "{'type': 'condition', 'then': [{'type': 'wait', 'x': 1}]} | /then/0/x | is not a known"
            + " member",
        "{'type': 'wait', 'onError': 'retry', 'retry': {'times': 3}} | /retry/times | is not a"
            + " known member",
        "{'type': 'wait', 'onError': 'retry', 'retry': {'jitter': 1}} | /retry/jitter | is not true"
            + " or false",
        "{'type': 'wait', 'onError': 'retry', 'retry': {'factor': '2'}} | /retry/factor | is not a"
            + " number",
      })
  void a_wrong_shape_in_an_action_is_malformed(String action, String pointer, String detail) {
    assertRefused(
        "{'key': 'a', 'actions': [{'type': 'wait'}, " + action + "]}",
        Failure.Kind.MALFORMED,
        "invalid_request",
        "/actions/1" + pointer,
        detail);
  }

  @ParameterizedTest
  @CsvSource({
    "maxRetries, 0, is not from 1 to 10",
    "maxRetries, 11, is not from 1 to 10",
    "delayMs, -1, is not from 0 to 3600000",
    "delayMs, 3600001, is not from 0 to 3600000",
    "factor, 0.99, is not from 1.0 to 10.0",
    "factor, 10.01, is not from 1.0 to 10.0",
    "maxDelayMs, -1, is not from 0 to 86400000",
    "maxDelayMs, 86400001, is not from 0 to 86400000",
  })
  void a_retry_out_of_range_is_invalid(String member, String value, String detail) {
    assertRefused(
        "{'key': 'a', 'actions': [{'type': 'wait', 'onError': 'retry', 'retry': {'%s': %s}}]}"
            .formatted(member, value),
        Failure.Kind.INVALID,
        "workflow_invalid",
        "/actions/0/retry/" + member,
        detail);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'maxRetries': 1, 'delayMs': 0, 'factor': 1, 'maxDelayMs': 0, 'jitter': false}",
        "{'maxRetries': 10, 'delayMs': 3600000, 'factor': 10.0, 'maxDelayMs': 86400000}",
        "{'delayMs': 1000, 'maxDelayMs': 10}",
        "{}"
      })
  void a_retry_at_the_edges_of_its_ranges_is_allowed(String retry) {
    assertThat(
            problems(
                "{'key': 'a', 'actions': [{'type': 'wait', 'onError': 'retry', 'retry': %s}]}"
                    .formatted(retry)))
        .isEmpty();
  }

  @Test
  void a_wrong_on_error_is_not_also_blamed_on_its_retry() {
    assertThat(
            problems(
                "{'key': 'a', 'actions': [{'type': 'wait', 'onError': 'retri', 'retry': {}}]}"))
        .extracting(Problem::pointer)
        .containsExactly("/actions/0/onError");
  }

  @Test
  void text_at_its_limit_passes_and_one_character_more_does_not() {
    assertThat(
            problems(
                "{'key': '%s', 'name': '%s', 'description': '%s', 'actions': []}"
                    .formatted("k".repeat(63), "n".repeat(200), "d".repeat(10_000))))
        .isEmpty();
    assertThat(
            problems(
                "{'key': '%s', 'name': '%s', 'description': '%s', 'actions': []}"
                    .formatted("k".repeat(64), "n".repeat(201), "d".repeat(10_001))))
        .extracting(Problem::pointer)
        .containsExactly("/key", "/name", "/description");
  }

  @Test
  void a_name_given_twice_is_a_problem_of_the_second_wherever_it_stands() {
    List<Problem> problems =
        problems(
            """
            {'key': 'a', 'actions': [
              {'type': 'condition', 'name': 'x', 'then': [{'type': 'wait', 'name': 'x'}]},
              {'type': 'wait', 'name': 'x'}]}
            """);

    assertThat(problems)
        .containsExactly(
            new Problem("/actions/0/then/0/name", "is already the name of an earlier action"),
            new Problem("/actions/1/name", "is already the name of an earlier action"));
  }

  @Test
  void everything_that_is_wrong_is_reported_at_once() {
    List<Problem> problems =
        problems(
            """
            {'key': 'A!', 'name': 3, 'colour': 'red', 'triggerSchema': {'minLength': -1},
             'actions': [
               {'type': 'nonesuch', 'name': 'a b', 'when': '(', 'timeout': 0},
               {'type': 'condition', 'then': [{'type': 'note', 'config': {'text': '{{ ( }}'}}]},
               7]}
            """);

    assertThat(problems)
        .extracting(Problem::pointer)
        .containsOnlyOnce(
            "/key",
            "/name",
            "/colour",
            "/triggerSchema/minLength",
            "/actions/0/type",
            "/actions/0/name",
            "/actions/0/when",
            "/actions/0/timeout",
            "/actions/1/then/0/config/text",
            "/actions/2");
    assertThatExceptionOfType(Failure.class)
        .isThrownBy(() -> reader.create(json("{'colour': 1, 'actions': [{}]}")))
        .satisfies(failure -> {
          assertThat(failure.kind()).isEqualTo(Failure.Kind.MALFORMED);
          assertThat(failure.problems())
              .extracting(Problem::pointer)
              .containsExactlyInAnyOrder("/key", "/actions/0/type", "/colour");
        });
  }

  @Test
  void five_hundred_actions_are_allowed_and_one_more_is_not() {
    assertThat(problems("{'key': 'a', 'actions': [" + waits(500) + "]}")).isEmpty();
    assertThat(
            problems(
                "{'key': 'a', 'actions': [{'type': 'condition', 'then': [" + waits(500) + "]}]}"))
        .singleElement()
        .satisfies(problem -> {
          assertThat(problem.pointer()).isEqualTo("/actions");
          assertThat(problem.detail()).startsWith("has more than 500 actions");
        });
  }

  @Test
  void sixteen_nested_lists_are_allowed_and_one_more_is_not() {
    assertThat(problems("{'key': 'a', 'actions': [" + nested(16) + "]}")).isEmpty();
    assertThat(problems("{'key': 'a', 'actions': [" + nested(17) + "]}"))
        .containsExactly(
            new Problem(
                "/actions/0" + "/then/0".repeat(15) + "/then", "is nested deeper than 16 lists"));
  }

  @Test
  void a_body_of_nothing_but_mistakes_is_not_answered_with_all_of_them() {
    String many = String.join(",", Collections.nCopies(2_000, "7"));

    assertThat(problems("{'key': 'a', 'actions': [" + many + "]}")).hasSize(Problem.MOST + 1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"[]", "1", "null", "'text'"})
  void a_body_that_is_no_object_is_malformed(String body) {
    assertThatExceptionOfType(Failure.class)
        .isThrownBy(() -> reader.problems(json(body)))
        .matches(failure -> failure.kind() == Failure.Kind.MALFORMED);
  }

  private void assertRefused(
      String body, Failure.Kind kind, String code, String pointer, String detail) {
    assertThatExceptionOfType(Failure.class)
        .isThrownBy(() -> reader.create(json(body)))
        .satisfies(failure -> {
          assertThat(failure.kind()).isEqualTo(kind);
          assertThat(failure.code()).isEqualTo(code);
          assertThat(failure.problems())
              .singleElement()
              .satisfies(problem -> {
                assertThat(problem.pointer()).isEqualTo(pointer);
                assertThat(problem.detail()).startsWith(detail);
              });
          assertThat(reader.problems(json(body))).isEqualTo(failure.problems());
        });
  }

  private List<Problem> problems(String body) {
    return reader.problems(json(body));
  }

  private static String waits(int count) {
    return String.join(",", Collections.nCopies(count, "{'type': 'wait'}"));
  }

  /** An action inside as many lists, the outermost one left to the caller. */
  private static String nested(int lists) {
    return "{'type': 'condition', 'then': [".repeat(lists - 1)
        + "{'type': 'wait'}"
        + "]}".repeat(lists - 1);
  }
}
