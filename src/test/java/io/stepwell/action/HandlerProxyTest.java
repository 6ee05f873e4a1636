package io.stepwell.action;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.arc.ClientProxy;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import org.junit.jupiter.api.Test;

@QuarkusTest
class HandlerProxyTest {
  @Inject ActionCatalog catalog;

  @Test
  void a_handler_is_called_through_its_proxy_so_that_its_own_annotations_work() {
    assertThat(catalog.find("custom_action").orElseThrow().handler())
        .isInstanceOf(ClientProxy.class);
  }
}
