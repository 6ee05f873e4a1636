package io.stepwell.expression;

import static io.stepwell.expression.Scopes.json;
import static io.stepwell.expression.Scopes.withSecrets;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stepwell.kernel.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SecretTest {
  private static final Map<String, String> SECRETS =
      Map.of("TOKEN", "s3cr3t-value", "OTHER", "0th3r-value", "EMPTY", "");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "secrets.TOKEN",
        "$$.secrets.TOKEN",
        "(secrets.TOKEN)",
        "secrets.`TOKEN`",
        "$lookup(secrets, 'TOK' & 'EN')"
      })
  void a_secret_is_read_by_its_name_and_remembered_for_masking(String source) {
    Scope scope = withSecrets(SECRETS);

    assertThat(Expression.parse(source).evaluate(scope).textValue()).isEqualTo("s3cr3t-value");
    assertThat(scope.usedSecretValues()).containsExactly("s3cr3t-value");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "$$",
        "$",
        "$string($)",
        "'' & $$",
        "*",
        "$$.*",
        "**",
        "$$.**",
        "secrets",
        "secrets.*",
        "secrets.**",
        "$string(secrets)",
        "$keys(secrets)",
        "$each(secrets, function($v){ $v })",
        "$sift(secrets, function($v){ true })",
        "$spread(secrets)",
        "$spread($)",
        "$merge([$, secrets])",
        "$each($, function($v){ $v })",
        "$lookup($$, 'secrets')",
        "$ ~> |$|{'x': secrets}|",
        "$clone($)",
        "$map([secrets], function($s){ $s.* })",
        "[$$, secrets]",
        "$keys($)",
        "$exists(secrets) and $count(secrets) > 0",
        "$distinct([$, secrets, secrets])",
        "$sort([$, secrets], function($a, $b){ $a = $b })"
      })
  void secrets_cannot_be_listed(String source) {
    List<String> asked = new ArrayList<>();
    Scope scope =
        Scope.of(
            (ObjectNode) json(Scopes.NAMES),
            name -> {
              asked.add(name);
              return Optional.ofNullable(SECRETS.get(name));
            });

    String result = Json.write(Expression.parse(source).evaluate(scope));

    assertThat(result).doesNotContain("s3cr3t-value").doesNotContain("0th3r-value");
    assertThat(asked).isEmpty();
    assertThat(scope.usedSecretValues()).isEmpty();
  }

  @Test
  void a_secret_is_asked_for_only_when_needed_and_once() {
    List<String> asked = new ArrayList<>();
    Scope scope =
        Scope.of(
            Json.object(),
            name -> {
              asked.add(name);
              return Optional.of("v-" + name);
            });

    assertThat(Expression.parse("false ? secrets.A : 'no'").evaluate(scope).asText())
        .isEqualTo("no");
    assertThat(asked).isEmpty();

    Expression.parse("secrets.A & secrets.A & secrets.B").evaluate(scope);
    Expression.parse("secrets.A").evaluate(scope);

    assertThat(asked).containsExactly("A", "B");
    assertThat(scope.usedSecretValues()).containsExactly("v-A", "v-B");
  }

  @ParameterizedTest
  @ValueSource(strings = {"secrets.NONE", "secrets.TOKEN.more", "(secrets).NONE", "secrets.NONE.x"})
  void an_unknown_secret_is_absent(String source) {
    assertThat(Expression.parse(source).evaluate(withSecrets(SECRETS)).isMissingNode()).isTrue();
  }

  @Test
  void an_empty_secret_is_not_to_be_masked() {
    Scope scope = withSecrets(SECRETS);

    assertThat(Expression.parse("secrets.EMPTY").evaluate(scope).asText()).isEmpty();
    assertThat(scope.usedSecretValues()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1 + secrets.TOKEN",
        "-secrets.TOKEN",
        "$error(secrets.TOKEN)",
        "$error($base64encode(secrets.TOKEN))",
        "$assert(false, secrets.TOKEN)",
        "$number(secrets.TOKEN)",
        "{1: secrets.TOKEN}",
        "$sum(secrets.TOKEN)",
        "secrets.TOKEN < 1",
        "$toMillis(secrets.TOKEN)",
        "trigger ~> |$|$$.secrets.TOKEN|",
        "{secrets.TOKEN: 1, 's3cr3t' & '-value': 2}",
        "$base64decode(secrets.TOKEN)",
        "secrets.TOKEN.$substring('a')"
      })
  void a_failure_never_shows_a_secret(String source) {
    Scope scope = withSecrets(SECRETS);

    assertThatThrownBy(() -> Expression.parse(source).evaluate(scope))
        .isInstanceOf(ExpressionException.class)
        .hasMessageNotContaining("s3cr3t")
        .hasMessageNotContaining("czNjcjN0")
        .hasNoCause();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "secrets.A",
        "'x' & secrets.A",
        "true and secrets.A",
        "$map([1], function($x){ $$.secrets.A })",
        "$sort([2, 1], function($x, $y){ $$.secrets.A })"
      })
  void a_failure_to_read_secrets_is_not_the_expressions_failure(String source) {
    IllegalStateException down = new IllegalStateException("the store is down");
    Scope scope =
        Scope.of(
            (ObjectNode) json("{}"),
            name -> {
              throw down;
            });

    assertThatThrownBy(() -> Expression.parse(source).evaluate(scope)).isSameAs(down);
  }

  @Test
  void the_used_values_are_a_snapshot() {
    Scope scope = withSecrets(SECRETS);
    var before = scope.usedSecretValues();
    Expression.parse("secrets.TOKEN").evaluate(scope);

    assertThat(before).isEmpty();
    assertThatThrownBy(() -> scope.usedSecretValues().clear())
        .isInstanceOf(UnsupportedOperationException.class);
  }
}
