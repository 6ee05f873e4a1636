package io.stepwell.scenario;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.stepwell.kernel.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A server that behaves like the services that the scenarios call: it does each piece of work once
 * for an {@code Idempotency-Key} and answers a repetition as before. It can be told to fail, and to
 * hang, and remembers every call.
 */
final class ScenarioStub implements AutoCloseable {
  private static final String WRITTEN_URL = "http://services.test";
  private static final long LONGEST_HANG_SECONDS = 30;

  private final HttpServer server;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final List<Call> calls = new CopyOnWriteArrayList<>();
  private final Map<String, Deque<Answer>> told = new ConcurrentHashMap<>();
  private final Map<String, Answer> forGood = new ConcurrentHashMap<>();
  private final Set<String> hanging = ConcurrentHashMap.newKeySet();
  private final Map<String, Answer> done = new ConcurrentHashMap<>();

  /**
   * A call that came.
   *
   * @param nanos when, by {@link System#nanoTime}
   */
  record Call(
      String method, String path, @Nullable String idempotencyKey, JsonNode body, long nanos) {}

  private record Answer(int status, JsonNode body) {}

  private ScenarioStub(HttpServer server) {
    this.server = server;
    server.createContext("/", this::handle);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.start();
  }

  static ScenarioStub start() {
    try {
      // every address, since localhost may be of either family
      return new ScenarioStub(HttpServer.create(new InetSocketAddress(0), 0));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Where a path of this server is. */
  String url(String path) {
    return "http://localhost:" + server.getAddress().getPort() + path;
  }

  /** The definition with this server in place of the services. */
  String inPlaceOfServices(String definition) {
    return definition.replace(WRITTEN_URL, url(""));
  }

  /** The next calls of the path are answered so, once each; then it works again. */
  void answersNext(String path, int... statuses) {
    Deque<Answer> answers = told.computeIfAbsent(path, p -> new ArrayDeque<>());
    synchronized (answers) {
      for (int status : statuses) {
        answers.add(new Answer(status, failure(status)));
      }
    }
  }

  /** From now on the path answers so. */
  void answers(String path, int status) {
    forGood.put(path, new Answer(status, failure(status)));
  }

  void answers(String path, int status, ObjectNode body) {
    forGood.put(path, new Answer(status, body));
  }

  /** The path works as it did at first. */
  void recovers(String path) {
    forGood.remove(path);
  }

  /** The path takes calls and answers none. */
  void hangs(String path) {
    hanging.add(path);
  }

  List<Call> calls() {
    return List.copyOf(calls);
  }

  List<Call> calls(String path) {
    return calls.stream().filter(call -> call.path().equals(path)).toList();
  }

  @Override
  public void close() {
    closing.countDown();
    server.stop(0);
  }

  private static ObjectNode failure(int status) {
    return Json.object().put("error", "told to answer " + status);
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] sent = exchange.getRequestBody().readAllBytes();
      Call call =
          new Call(
              exchange.getRequestMethod(),
              exchange.getRequestURI().getPath(),
              exchange.getRequestHeaders().getFirst("Idempotency-Key"),
              sent.length == 0 ? NullNode.getInstance() : Json.parse(sent),
              System.nanoTime());
      calls.add(call);
      if (hanging.contains(call.path())) {
        hang();
        return;
      }
      Answer answer = answer(call);
      byte[] body = Json.write(answer.body()).getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      exchange.sendResponseHeaders(answer.status(), answer.status() == 204 ? -1 : body.length);
      if (answer.status() != 204) {
        exchange.getResponseBody().write(body);
      }
    }
  }

  private void hang() {
    try {
      closing.await(LONGEST_HANG_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Answer answer(Call call) {
    Optional<Answer> before =
        Optional.ofNullable(call.idempotencyKey()).map(key -> done.get(call.path() + " " + key));
    if (before.isPresent()) {
      return before.get();
    }
    Answer answer =
        next(call.path())
            .or(() -> Optional.ofNullable(forGood.get(call.path())))
            .orElseGet(() -> work(call));
    if (call.idempotencyKey() != null && answer.status() < 300) {
      done.put(call.path() + " " + call.idempotencyKey(), answer);
    }
    return answer;
  }

  private Optional<Answer> next(String path) {
    Deque<Answer> answers = told.getOrDefault(path, new ArrayDeque<>());
    synchronized (answers) {
      return Optional.ofNullable(answers.poll());
    }
  }

  /** What the service does when all is well. */
  private static Answer work(Call call) {
    String orderId = call.body().path("orderId").asText();
    return switch (call.path()) {
      case "/inventory/reserve" -> ok("reservationId", "RES-" + orderId);
      case "/payments/charge" -> ok("chargeId", "CHG-" + orderId);
      case "/shipping/book" -> ok("shipmentId", "SHP-" + orderId);
      case "/payments/refund", "/inventory/release" -> ok("undone", orderId);
      case "/slack/webhook", "/events" -> ok("accepted", "yes");
      case "/site" -> ok("site", "up");
      case "/checkout/payment" -> ok("Status", "PaymentSuccessful");
      case "/checkout/shipping" -> ok("Status", "ShippingSuccessful");
      case "/tasks/optional", "/tasks/1", "/tasks/2", "/tasks/3" ->
          ok("op", call.path().substring(1).replace('/', '-') + ".Done");
      case String path when path.startsWith("/v2/pet/") ->
          ok("name", "pet " + path.substring("/v2/pet/".length()));
      case String path when path.startsWith("/orders/") -> new Answer(204, NullNode.getInstance());
      default -> new Answer(404, failure(404));
    };
  }

  private static Answer ok(String name, String value) {
    return new Answer(200, Json.object().put(name, value));
  }
}
