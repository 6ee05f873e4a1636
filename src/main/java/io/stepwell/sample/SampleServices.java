package io.stepwell.sample;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.quarkus.arc.properties.IfBuildProperty;
import io.stepwell.kernel.Failure;
import io.stepwell.kernel.Json;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;

/**
 * Stands in for the services that the sample workflows call, in development only: a warehouse, a
 * payment service, a carrier that is unavailable at first, a chat's webhook and a site.
 *
 * <p>Open to everybody, keeps nothing but which calls the carrier has seen. Answers after a moment,
 * as services do, and blocks no thread.
 */
@ApplicationScoped
@IfBuildProperty(name = "stepwell.samples.enabled", stringValue = "true")
class SampleServices {
  private static final long MOMENT_MILLIS = 400;
  private static final int MAX_BODY = 1 << 20;
  private static final int REMEMBERED = 1000;

  private final Set<String> seenByCarrier =
      Collections.newSetFromMap(
          Collections.synchronizedMap(
              new LinkedHashMap<>() {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
                  return size() > REMEMBERED;
                }
              }));

  private record Answer(int status, JsonNode body) {}

  void register(@Observes Router router) {
    router.route("/sample/*").handler(BodyHandler.create(false).setBodyLimit(MAX_BODY));
    router.post("/sample/inventory/reservations").handler(answer(this::reservation));
    router.post("/sample/payments/charges").handler(answer(this::charge));
    router.post("/sample/shipping/bookings").handler(answer(this::booking));
    router.post("/sample/slack/webhook").handler(answer(context -> new Answer(200, ok())));
    router.get("/sample/site/:status").handler(answer(this::site));
  }

  private Answer reservation(RoutingContext context) {
    return new Answer(201, Json.object().put("reservationId", "RES-" + orderId(context)));
  }

  private Answer charge(RoutingContext context) {
    return new Answer(201, Json.object().put("chargeId", "CHG-" + orderId(context)));
  }

  /** Unavailable at the first call of each step, so that there is a retry to be seen. */
  private Answer booking(RoutingContext context) {
    String key = String.valueOf(context.request().getHeader("Idempotency-Key"));
    return seenByCarrier.add(key)
        ? new Answer(503, Json.object().put("error", "The carrier is unavailable."))
        : new Answer(201, Json.object().put("shipmentId", "SHP-" + orderId(context)));
  }

  private Answer site(RoutingContext context) {
    String status = Objects.requireNonNull(context.pathParam("status"), "the route has it");
    int code = status.matches("[2-5]\\d\\d") ? Integer.parseInt(status) : 404;
    return new Answer(code, Json.object().put("status", code));
  }

  private static ObjectNode ok() {
    return Json.object().put("ok", true);
  }

  private static String orderId(RoutingContext context) {
    Buffer body = context.body().buffer();
    if (body == null) {
      return "unknown";
    }
    try {
      return Json.parse(body.getBytes()).path("orderId").asText();
    } catch (Failure noJson) {
      return "unknown";
    }
  }

  private static Handler<RoutingContext> answer(Function<RoutingContext, Answer> service) {
    return context -> {
      Answer answer = service.apply(context);
      context.vertx().setTimer(MOMENT_MILLIS, timer -> send(context.response(), answer));
    };
  }

  private static void send(HttpServerResponse response, Answer answer) {
    if (response.closed()) {
      return;
    }
    // these are other services, which know nothing of ours
    response.headers().clear();
    response
        .setStatusCode(answer.status())
        .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
        .end(Json.write(answer.body()));
  }
}
