package io.stepwell.scenario;

import static io.stepwell.scenario.ScenarioClient.statuses;
import static io.stepwell.scenario.ScenarioClient.step;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.quarkus.test.junit.QuarkusTest;
import io.stepwell.kernel.Json;
import io.stepwell.scenario.ScenarioStub.Call;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
class SagaScenariosTest {
  private static final String ORDER = "{'orderId': 'ORD-1', 'amount': 49.5}";

  private final ScenarioStub stub = ScenarioStub.start();
  private ScenarioClient client;

  @BeforeEach
  void save() {
    client =
        new ScenarioClient(stub).save("saga-order-fulfillment").save("saga-order-compensation");
  }

  @AfterEach
  void stop() {
    stub.close();
  }

  @Test
  void an_order_is_reserved_charged_and_shipped() {
    JsonNode execution = client.run("saga-order-fulfillment", ORDER);

    assertThat(execution.path("status").textValue()).isEqualTo("COMPLETED");
    assertThat(statuses(execution))
        .containsExactly(
            entry("reserve_inventory", "COMPLETED"),
            entry("charge_payment", "COMPLETED"),
            entry("book_shipment", "COMPLETED"));
    assertThat(step(execution, "book_shipment").at("/output/body/shipmentId").textValue())
        .isEqualTo("SHP-ORD-1");
    assertThat(stub.calls())
        .extracting(Call::path)
        .containsExactly("/inventory/reserve", "/payments/charge", "/shipping/book");
    assertThat(stub.calls("/payments/charge").getFirst().body())
        .isEqualTo(Json.read("{\"orderId\": \"ORD-1\", \"amount\": 49.5}"));
    assertThat(stub.calls("/shipping/book").getFirst().body())
        .isEqualTo(
            Json.read(
                """
                {"orderId": "ORD-1", "reservationId": "RES-ORD-1", "chargeId": "CHG-ORD-1"}\
                """));
  }

  @Test
  void every_call_carries_the_idempotency_key_of_its_step() {
    JsonNode execution = client.run("saga-order-fulfillment", ORDER);

    String id = execution.path("id").textValue();
    assertThat(stub.calls())
        .extracting(Call::idempotencyKey)
        .containsExactly(id + ":reserve_inventory", id + ":charge_payment", id + ":book_shipment");
  }

  @Test
  void a_carrier_that_comes_back_is_booked_after_growing_delays() {
    stub.answersNext("/shipping/book", 503, 503);

    JsonNode execution = client.run("saga-order-fulfillment", ORDER);

    assertThat(execution.path("status").textValue()).isEqualTo("COMPLETED");
    assertThat(step(execution, "book_shipment").path("attempts").intValue()).isEqualTo(3);
    List<Call> bookings = stub.calls("/shipping/book");
    assertThat(bookings)
        .extracting(Call::idempotencyKey)
        .containsOnly(execution.path("id").textValue() + ":book_shipment");
    assertThat(millisBetween(bookings.get(0), bookings.get(1))).isGreaterThanOrEqualTo(60);
    assertThat(millisBetween(bookings.get(1), bookings.get(2))).isGreaterThanOrEqualTo(120);
    assertThat(stub.calls("/payments/charge")).hasSize(1);
  }

  @Test
  void a_carrier_that_stays_away_fails_the_order_after_four_attempts() {
    stub.answers("/shipping/book", 503);

    JsonNode execution = client.run("saga-order-fulfillment", ORDER);

    assertThat(execution.path("status").textValue()).isEqualTo("FAILED");
    assertThat(execution.path("error"))
        .isEqualTo(
            Json.object()
                .put("code", "http_status")
                .put("message", "The server answered 503: {\"error\":\"told to answer 503\"}")
                .put("step", "book_shipment")
                .put("attempts", 4));
    assertThat(stub.calls("/shipping/book")).hasSize(4);
    assertThat(execution.at("/progress/successfulSteps").intValue()).isEqualTo(2);
    assertThat(execution.at("/progress/failedSteps").intValue()).isEqualTo(1);
  }

  @Test
  void a_failed_order_goes_on_from_the_shipment_and_charges_nobody_twice() {
    stub.answers("/shipping/book", 503);
    JsonNode failed = client.run("saga-order-fulfillment", ORDER);
    stub.recovers("/shipping/book");

    String path = "/workflows/executions/" + failed.path("id").textValue();
    client.post(path + "/retry", 202);

    JsonNode execution = Executions.awaitEnd(client, failed);
    assertThat(execution.path("status").textValue()).isEqualTo("COMPLETED");
    assertThat(stub.calls("/payments/charge")).hasSize(1);
    assertThat(stub.calls("/shipping/book")).hasSize(5);
  }

  @Test
  void a_failed_order_is_undone_in_reverse_order() {
    stub.answers("/shipping/book", 503);
    JsonNode failed = client.run("saga-order-fulfillment", ORDER);

    JsonNode undone = client.run("saga-order-compensation", failure(failed));

    assertThat(undone.path("status").textValue()).isEqualTo("COMPLETED");
    List<Call> calls = stub.calls().subList(6, 8);
    assertThat(calls)
        .extracting(Call::path)
        .containsExactly("/payments/refund", "/inventory/release");
    assertThat(calls)
        .extracting(Call::idempotencyKey)
        .containsExactly("ORD-1-refund", "ORD-1-release");
    assertThat(calls.getFirst().body().path("reason").textValue()).contains("503");
  }

  @Test
  void only_what_was_done_is_undone() {
    stub.answers("/payments/charge", 402);
    JsonNode failed = client.run("saga-order-fulfillment", ORDER);
    assertThat(failed.at("/error/step").textValue()).isEqualTo("charge_payment");
    assertThat(stub.calls("/payments/charge")).hasSize(1);

    JsonNode undone = client.run("saga-order-compensation", failure(failed));

    assertThat(statuses(undone))
        .containsExactly(
            entry("was_charged", "COMPLETED"),
            entry("refund_payment", "SKIPPED"),
            entry("was_reserved", "COMPLETED"),
            entry("release_inventory", "COMPLETED"));
    assertThat(stub.calls("/payments/refund")).isEmpty();
  }

  @Test
  void undoing_twice_has_the_services_do_it_once() {
    stub.answers("/shipping/book", 503);
    JsonNode failed = client.run("saga-order-fulfillment", ORDER);

    client.run("saga-order-compensation", failure(failed));
    client.run("saga-order-compensation", failure(failed));

    assertThat(stub.calls("/payments/refund"))
        .extracting(Call::idempotencyKey)
        .containsExactly("ORD-1-refund", "ORD-1-refund");
  }

  private static ObjectNode failure(JsonNode execution) {
    return Json.object().set("failed", execution);
  }

  private static long millisBetween(Call first, Call second) {
    return (second.nanos() - first.nanos()) / 1_000_000;
  }
}
