package io.stepwell.expression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stepwell.kernel.Json;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UrlTemplateTest {
  private static final String NAMES =
      """
      {'trigger': {'id': 'a/b?c#d', 'n': 7, 'space': 'a b+ü', 'up': '..', 'dot': '.', 'climb': '../x',
                   'empty': '', 'none': null, 'region': 'eu-1', 'port': 8080, 'at': 'u@evil.example',
                   'slash': 'evil.example/', 'base': 'https://h.example/a/', 'list': [1], 'q': 'a=1&b=2'}}
      """;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          https://h.example/users                                    | https://h.example/users
          https://h.example/users/{{ trigger.id }}                   | https://h.example/users/a%2Fb%3Fc%23d
          https://h.example/{{ trigger.n }}/x                        | https://h.example/7/x
          https://h.example/{{ trigger.climb }}                      | https://h.example/..%2Fx
          https://h.example/?q={{ trigger.space }}&r=1               | https://h.example/?q=a%20b%2B%C3%BC&r=1
          https://h.example/?q={{ trigger.none }}                    | https://h.example/?q=
          https://h.example?{{ trigger.q }}                          | https://h.example?a%3D1%26b%3D2
          https://h.example/x#{{ trigger.id }}                       | https://h.example/x#a%2Fb%3Fc%23d
          https://{{ trigger.region }}.h.example:{{ trigger.port }}/ | https://eu-1.h.example:8080/
          {{ trigger.base }}                                         | https://h.example/a/
          {{ trigger.base }}{{ trigger.id }}                         | https://h.example/a/a%2Fb%3Fc%23d
          {{ 'https://h.example?' & trigger.q }}                     | https://h.example?a=1&b=2
          https://h.example/{{ $encodeUrlComponent(trigger.id) }}    | https://h.example/a%2Fb%3Fc%23d
          https://h.example/?l={{ trigger.list }}                    | https://h.example/?l=%5B1%5D
          """)
  void a_value_is_encoded_for_the_place_where_it_stands(String template, String url) {
    assertThat(render(template).path("url").asText()).isEqualTo(url);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://h.example/users/{{ trigger.missing }}",
        "https://h.example/users/{{ trigger.none }}",
        "https://h.example/users/{{ trigger.empty }}",
        "https://h.example/users/{{ trigger.up }}",
        "https://h.example/users/{{ trigger.dot }}/x",
        "https://{{ trigger.at }}/",
        "https://{{ trigger.slash }}.h.example/",
        "https://{{ trigger.missing }}.h.example/",
        "https://h.example:{{ trigger.id }}/",
        "{{ trigger.missing }}/users",
      })
  void a_value_that_would_lead_elsewhere_fails_at_its_place(String template) {
    assertThatThrownBy(() -> render(template))
        .isInstanceOf(ExpressionException.class)
        .hasMessageStartingWith("/config/url: ")
        .hasMessageContaining("trigger.");
  }

  @Test
  void other_members_are_templates_as_ever() {
    ObjectNode config = Json.object().put("url", "https://h.example/{{ trigger.n }}");
    config.putObject("headers").put("url", "x{{ trigger.id }}");

    assertThat(render(config).at("/headers/url").asText()).isEqualTo("xa/b?c#d");
  }

  @ParameterizedTest
  @CsvSource({
    "https://h.example/{{ trigger.id }}, https://h.example/x",
    "https://{{ trigger.r }}.h.example:{{ trigger.p }}/, https://x.h.example:1/",
    "https://h.example, https://h.example",
  })
  void an_example_has_something_harmless_for_each_value(String template, String example) {
    assertThat(Template.exampleOfUrl(template)).contains(example);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"{{ trigger.base }}", "{{ trigger.base }}/x", "https://h.example/{{ ( }}"})
  void what_begins_with_a_value_has_no_example(String template) {
    assertThat(Template.exampleOfUrl(template)).isEmpty();
  }

  private static JsonNode render(String url) {
    return render(Json.object().put("url", url));
  }

  private static JsonNode render(ObjectNode config) {
    List<TemplateError> errors = new ArrayList<>();
    Template template = Template.parse(config, "/config", errors, "url");
    assertThat(errors).isEmpty();
    return template.render(Scopes.over(NAMES));
  }
}
