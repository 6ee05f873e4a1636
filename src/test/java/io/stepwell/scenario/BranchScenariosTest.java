package io.stepwell.scenario;

import static io.stepwell.scenario.ScenarioClient.statuses;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;
import static org.assertj.core.groups.Tuple.tuple;

import com.fasterxml.jackson.databind.JsonNode;
import io.quarkus.test.junit.QuarkusTest;
import io.stepwell.kernel.Json;
import io.stepwell.scenario.ScenarioStub.Call;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code switch-and-terminate} and {@code checkout-processing-workflow}. */
@QuarkusTest
class BranchScenariosTest {
  private static final String CART =
      "{'cartId': 'c1', 'email': 'ann@example.org', 'address': 'Road 1', 'totalCost': 12.5}";

  private final ScenarioStub stub = ScenarioStub.start();
  private ScenarioClient client;

  @BeforeEach
  void open() {
    client = new ScenarioClient(stub);
  }

  @AfterEach
  void stop() {
    stub.close();
  }

  private JsonNode choose(String choice) {
    return client
        .save("switch-and-terminate")
        .run("switch-and-terminate", "{'case': '" + choice + "', 'param1': 'a', 'param2': 'b'}");
  }

  @Test
  void the_chosen_branch_runs_and_the_rest_goes_on_behind_it() {
    JsonNode execution = choose("one");

    assertThat(execution.path("status").textValue()).isEqualTo("COMPLETED");
    assertThat(statuses(execution))
        .containsExactly(
            entry("t1", "COMPLETED"),
            entry("case_one", "COMPLETED"),
            entry("t2", "COMPLETED"),
            entry("case_two", "SKIPPED"),
            entry("terminate0", "SKIPPED"),
            entry("t3", "COMPLETED"));
    assertThat(stub.calls())
        .extracting(Call::path)
        .containsExactly("/tasks/1", "/tasks/2", "/tasks/3");
    assertThat(stub.calls("/tasks/3").getFirst().body()).isEqualTo(Json.object().put("tp31", "b"));
  }

  @Test
  void a_branch_that_terminates_ends_the_execution_as_failed() {
    JsonNode execution = choose("two");

    assertThat(execution.path("status").textValue()).isEqualTo("FAILED");
    assertThat(execution.at("/error/step").textValue()).isEqualTo("terminate0");
    assertThat(execution.at("/error/message").textValue()).contains("Terminated: tasks-1.Done");
    assertThat(statuses(execution)).containsEntry("t2", "SKIPPED").containsEntry("t3", "PENDING");
    assertThat(stub.calls()).extracting(Call::path).containsExactly("/tasks/1");
  }

  @Test
  void without_a_matching_branch_the_list_goes_on() {
    JsonNode execution = choose("three");

    assertThat(execution.path("status").textValue()).isEqualTo("COMPLETED");
    assertThat(statuses(execution))
        .containsEntry("case_two", "COMPLETED")
        .containsEntry("t2", "SKIPPED")
        .containsEntry("terminate0", "SKIPPED")
        .containsEntry("t3", "COMPLETED");
  }

  private JsonNode checkOut() {
    return client.save("checkout-processing-workflow").run("checkout-processing-workflow", CART);
  }

  @Test
  void a_cart_is_paid_and_shipped() {
    JsonNode execution = checkOut();

    assertThat(execution.path("status").textValue()).isEqualTo("COMPLETED");
    assertThat(execution.at("/progress/percentage").intValue()).isEqualTo(100);
    assertThat(stub.calls("/orders/c1"))
        .extracting(Call::method, call -> Json.write(call.body()))
        .containsExactly(
            tuple(
                "PUT",
                "{\"email\":\"ann@example.org\",\"address\":\"Road 1\",\"totalCost\":12.5,"
                    + "\"orderStatus\":\"pending\",\"paymentStatus\":\"pending\","
                    + "\"shippingStatus\":\"pending\"}"),
            tuple("PATCH", "{\"paymentStatus\":\"successful\"}"),
            tuple("PATCH", "{\"shippingStatus\":\"successful\"}"));
    assertThat(stub.calls("/events"))
        .singleElement()
        .satisfies(call ->
            assertThat(call.body().path("subject").textValue()).isEqualTo("ShippingSuccessful"));
  }

  @Test
  void a_failed_payment_ends_the_checkout_early_and_complete() {
    stub.answers("/checkout/payment", 200, Json.object().put("Status", "PaymentFailed"));

    JsonNode execution = checkOut();

    assertThat(execution.path("status").textValue()).isEqualTo("COMPLETED");
    assertThat(execution.at("/progress/percentage").intValue()).isEqualTo(100);
    assertThat(statuses(execution))
        .containsExactly(
            entry("set_order", "COMPLETED"),
            entry("payment", "COMPLETED"),
            entry("payment_failed", "COMPLETED"),
            entry("set_payment_unsuccessful", "COMPLETED"),
            entry("tell_payment_failed", "COMPLETED"),
            entry("set_payment_successful", "SKIPPED"),
            entry("only_if_paid", "COMPLETED"),
            entry("shipping", "SKIPPED"),
            entry("shipping_failed", "SKIPPED"),
            entry("set_shipping_unsuccessful", "SKIPPED"),
            entry("set_shipping_successful", "SKIPPED"),
            entry("tell_shipping", "SKIPPED"));
    assertThat(stub.calls("/checkout/shipping")).isEmpty();
    assertThat(stub.calls("/events"))
        .singleElement()
        .satisfies(
            call -> assertThat(call.body().path("subject").textValue()).isEqualTo("PaymentFailed"));
  }

  @Test
  void a_failed_shipment_is_recorded_and_told() {
    stub.answers("/checkout/shipping", 200, Json.object().put("Status", "ShippingFailed"));

    JsonNode execution = checkOut();

    assertThat(execution.path("status").textValue()).isEqualTo("COMPLETED");
    assertThat(stub.calls("/orders/c1").getLast().body())
        .isEqualTo(Json.object().put("shippingStatus", "unsuccessful"));
    assertThat(stub.calls("/events").getLast().body().path("subject").textValue())
        .isEqualTo("ShippingFailed");
  }

  @Test
  void a_payment_service_that_breaks_stops_the_checkout() {
    stub.answers("/checkout/payment", 500);

    JsonNode execution = checkOut();

    assertThat(execution.path("status").textValue()).isEqualTo("FAILED");
    assertThat(execution.at("/error/step").textValue()).isEqualTo("payment");
    assertThat(execution.at("/error/attempts").intValue()).isEqualTo(1);
    assertThat(stub.calls("/checkout/shipping")).isEmpty();
  }
}
