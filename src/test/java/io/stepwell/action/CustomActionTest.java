package io.stepwell.action;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.arc.ClientProxy;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
class CustomActionTest {
  @Inject ActionCatalog catalog;

  @ParameterizedTest
  @ValueSource(strings = {"custom_action", "scopeless_action"})
  void a_handler_in_any_package_is_found_with_a_scope_or_without(String type) {
    assertThat(catalog.find(type)).map(RegisteredAction::type).contains(type);
  }

  @Test
  void a_handler_is_called_through_its_proxy_so_that_its_own_annotations_work() {
    assertThat(catalog.find("custom_action").orElseThrow().handler())
        .isInstanceOf(ClientProxy.class);
  }
}
