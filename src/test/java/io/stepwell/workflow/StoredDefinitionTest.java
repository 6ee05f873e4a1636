package io.stepwell.workflow;

import static io.stepwell.workflow.Definitions.json;
import static org.assertj.core.api.Assertions.assertThat;

import io.stepwell.expression.Scope;
import io.stepwell.kernel.Json;
import io.stepwell.kernel.Problem;
import io.stepwell.kernel.Turns.Turn;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class StoredDefinitionTest {
  private final DefinitionReader reader = Definitions.reader();

  @Test
  void an_action_gets_every_default() {
    Action action = only("{'type': 'wait'}");

    assertThat(action.index()).isZero();
    assertThat(action.path()).isEqualTo("0");
    assertThat(action.name()).isEqualTo("wait_1");
    assertThat(action.onError()).isEqualTo(OnError.STOP);
    assertThat(action.retry()).isEqualTo(new RetryPolicy(3, 500, 2, 30_000, true));
    assertThat(action.timeout()).isEqualTo(Duration.ofSeconds(30));
    assertThat(action.when()).isNull();
    assertThat(action.then()).isEmpty();
    assertThat(action.otherwise()).isEmpty();
    assertThat(action.branches()).isFalse();
    assertThat(action.config().render(scope())).isEqualTo(Json.object());
  }

  @Test
  void an_action_keeps_what_it_says() {
    Action action =
        only(
            """
            {'type': 'note', 'name': 'tell', 'config': {'text': '{{ trigger.x }}'},
             'onError': 'retry', 'timeout': 1, 'when': 'trigger.x = 7',
             'retry': {'maxRetries': 9, 'delayMs': 1, 'factor': 1.5, 'maxDelayMs': 2, 'jitter': false}}
            """);

    assertThat(action.name()).isEqualTo("tell");
    assertThat(action.onError()).isEqualTo(OnError.RETRY);
    assertThat(action.retry()).isEqualTo(new RetryPolicy(9, 1, 1.5, 2, false));
    assertThat(action.timeout()).isEqualTo(Duration.ofMillis(1));
    assertThat(action.when()).isNotNull();
    assertThat(action.when().isTrue(scope())).isTrue();
    assertThat(action.config().render(scope())).isEqualTo(json("{'text': 7}"));
  }

  @Test
  void a_retry_fills_in_what_it_leaves_out() {
    Action action = only("{'type': 'wait', 'onError': 'retry', 'retry': {'maxRetries': 1}}");

    assertThat(action.retry()).isEqualTo(new RetryPolicy(1, 500, 2, 30_000, true));
  }

  @Test
  void paths_and_indexes_follow_the_lists_depth_first() {
    Definition definition =
        stored(
            """
            {'type': 'condition', 'then': [{'type': 'wait'}, {'type': 'note', 'config': {'text': 'a'}}],
             'else': [{'type': 'wait'}]}, {'type': 'wait'}
            """);

    assertThat(definition.allActions())
        .extracting(Action::index, Action::path, Action::name)
        .containsExactly(
            row(0, "0", "condition_1"),
            row(1, "0.then.0", "wait_1"),
            row(2, "0.then.1", "note_1"),
            row(3, "0.else.0", "wait_2"),
            row(4, "1", "wait_3"));
    assertThat(definition.actions().getFirst().branches()).isTrue();
  }

  @Test
  void an_empty_branch_is_a_branch() {
    assertThat(only("{'type': 'condition', 'else': []}").branches()).isTrue();
    assertThat(only("{'type': 'condition', 'else': null}").branches()).isFalse();
  }

  @Test
  void a_generated_name_counts_every_action_of_its_type() {
    assertThat(
            stored("{'type': 'wait', 'name': 'pause'}, {'type': 'wait'}, {'type': 'wait'}")
                .allActions())
        .extracting(Action::name)
        .containsExactly("pause", "wait_2", "wait_3");
  }

  @Test
  void a_generated_name_never_takes_one_that_is_written_anywhere() {
    assertThat(
            stored(
                    """
                    {'type': 'wait'}, {'type': 'wait'},
                    {'type': 'condition', 'then': [{'type': 'note', 'name': 'wait_1', 'config': {'text': 'a'}}]}
                    """)
                .allActions())
        .extracting(Action::name)
        .containsExactly("wait_2", "wait_3", "condition_1", "wait_1");
  }

  @Test
  void a_trigger_schema_finds_every_violation_within_the_request() {
    Definition definition =
        reader.stored(
            json(
                """
                {'actions': [], 'triggerSchema': {'type': 'object', 'required': ['userId'],
                 'properties': {'age': {'type': 'integer'}}}}
                """));

    assertThat(definition.triggerSchema()).isNotNull();
    assertThat(
            definition.triggerSchema().violations(json("{'userId': 'u', 'age': 3}"), Turn.ALWAYS))
        .isEmpty();
    assertThat(definition.triggerSchema().violations(json("{'age': 'old'}"), Turn.ALWAYS))
        .extracting(Problem::pointer)
        .containsExactlyInAnyOrder("/triggerData/userId", "/triggerData/age");
  }

  @Test
  void without_a_trigger_schema_anything_goes() {
    assertThat(reader.stored(json("{'actions': []}")).triggerSchema()).isNull();
  }

  @Test
  void a_type_that_is_gone_still_reads_and_renders() {
    Action action = only("{'type': 'gone', 'config': {'a': '{{ trigger.x }}'}}");

    assertThat(action.type()).isEqualTo("gone");
    assertThat(action.name()).isEqualTo("gone_1");
    assertThat(action.config().render(scope())).isEqualTo(json("{'a': 7}"));
  }

  @Test
  void an_action_that_does_not_read_says_so_and_no_other_does() {
    Definition definition =
        stored("{'type': 'note', 'when': '1 +', 'config': {'text': 'a'}}, {'type': 'wait'}");

    assertThat(definition.unsupported()).isNull();
    assertThat(definition.actions().getFirst().unsupported()).startsWith("/actions/0/when ");
    assertThat(definition.actions().getLast().unsupported()).isNull();
  }

  @Test
  void members_and_values_that_only_another_release_knows_are_not_passed_over() {
    assertThat(only("{'type': 'wait', 'priority': 1}").unsupported())
        .startsWith("/actions/0/priority ");
    assertThat(only("{'type': 'wait', 'onError': 'compensate'}").unsupported())
        .startsWith("/actions/0/onError ");
    assertThat(only("{'type': 'wait', 'onError': 'retry', 'retry': {'budget': 1}}").unsupported())
        .startsWith("/actions/0/retry/budget ");
    assertThat(only("{'type': 'wait', 'retry': null, 'then': null}").unsupported()).isNull();
  }

  @Test
  void what_is_unknown_in_a_branch_belongs_to_its_own_action() {
    Action condition =
        only("{'type': 'condition', 'else': [{'type': 'wait', 'x': 1}, {'type': 'wait'}]}");

    assertThat(condition.unsupported()).isNull();
    assertThat(condition.otherwise())
        .extracting(action -> action.unsupported() == null)
        .containsExactly(false, true);
  }

  @Test
  void members_of_the_definition_that_only_another_release_knows_are_not_passed_over() {
    assertThat(reader.stored(json("{'key': 'a', 'actions': [], 'onFailure': []}")).unsupported())
        .isNotNull();
    assertThat(stored("{'type': 'wait', 'x': 1}").unsupported()).isNull();
    assertThat(
            reader
                .stored(
                    json(
                        """
                        {'key': 'a', 'name': 'b', 'description': '', 'enabled': true, 'actions': [],
                         'triggerSchema': {'type': 'strin'}}
                        """))
                .unsupported())
        .isNull();
  }

  @Test
  void more_problems_than_are_listed_hide_no_action() {
    String noisy =
        "{'type': 'wait', "
            + IntStream.range(0, 1_100)
                .mapToObj(i -> "'x" + i + "': 1")
                .collect(Collectors.joining(","))
            + "}";

    assertThat(stored(noisy + ", {'type': 'wait', 'y': 1}").actions().getLast().unsupported())
        .isNotNull();
  }

  @Test
  void a_trigger_schema_that_no_longer_reads_lets_nothing_through() {
    Definition definition =
        reader.stored(json("{'actions': [], 'triggerSchema': {'type': 'strin'}}"));

    assertThat(definition.triggerSchema()).isNotNull();
    assertThat(definition.triggerSchema().violations(json("{}"), Turn.ALWAYS))
        .extracting(Problem::pointer)
        .containsExactly("/triggerData");
  }

  private Action only(String action) {
    return stored(action).actions().getFirst();
  }

  private Definition stored(String actions) {
    return reader.stored(json("{'key': 'a', 'actions': [" + actions + "]}"));
  }

  private static Scope scope() {
    return Scope.of(Json.object().set("trigger", json("{'x': 7}")), name -> Optional.empty());
  }

  private static org.assertj.core.groups.Tuple row(Object... values) {
    return org.assertj.core.groups.Tuple.tuple(values);
  }
}
