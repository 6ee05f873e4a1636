package io.stepwell.durability;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stepwell.TestDatabase;
import io.stepwell.kernel.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.StreamSupport;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Replicas on one new database, two where nothing else is said, a workspace, and a sink for what
 * their steps do. However the tests end, no process outlives them.
 */
final class Replicas implements BeforeAllCallback, AfterAllCallback {
  private static final String WORKSPACE = "/api/workspaces/durable";
  private static final Path FOLDER = Path.of("target", "durability");
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private final Map<String, String> settings;
  private final Kind kind;
  private final Opening opening;
  private final List<Replica> started = new CopyOnWriteArrayList<>();
  private final Thread killer = new Thread(this::end);
  private String name = "";
  private Place place;
  private EffectSink sink;
  private Replica a;
  private Replica b;
  private int workflows;

  private enum Kind {
    TWO,
    UPGRADE,
    ONE
  }

  /**
   * A database as replicas find it.
   *
   * @param parts what it is made of, to be closed in this order
   */
  record Place(String jdbcUrl, String username, String password, List<AutoCloseable> parts) {
    static Place of(TestDatabase database) {
      return new Place(
          database.jdbcUrl(), database.username(), database.password(), List.of(database));
    }

    Connection connect() throws SQLException {
      return DriverManager.getConnection(jdbcUrl, username, password);
    }
  }

  /** Starts a database; a folder is there for it. */
  interface Opening {
    Place open(Path folder) throws IOException;
  }

  private Replicas(Map<String, String> settings, Kind kind, Opening opening) {
    this.settings = settings;
    this.kind = kind;
    this.opening = opening;
  }

  /** Two replicas with these settings beside the usual ones. */
  static Replicas with(Map<String, String> settings) {
    return new Replicas(settings, Kind.TWO, folder -> Place.of(TestDatabase.empty()));
  }

  /**
   * One of the previous release, which has made the tables, and after it one of this release, which
   * has migrated them since.
   */
  static Replicas inUpgrade(Map<String, String> settings) {
    return new Replicas(settings, Kind.UPGRADE, folder -> Place.of(TestDatabase.empty()));
  }

  /** One replica alone, on a database of the test's own. */
  static Replicas oneOn(Opening opening) {
    return oneOn(opening, Map.of());
  }

  /** The same with these settings beside the usual ones. */
  static Replicas oneOn(Opening opening, Map<String, String> settings) {
    return new Replicas(settings, Kind.ONE, opening);
  }

  @Override
  public void beforeAll(ExtensionContext context) throws IOException {
    Runtime.getRuntime().addShutdownHook(killer);
    name = context.getRequiredTestClass().getSimpleName();
    List<String> command = kind == Kind.UPGRADE ? PreviousRelease.command() : List.of();
    place = opening.open(FOLDER.resolve(name));
    sink = EffectSink.open();
    a = start(command);
    if (kind == Kind.UPGRADE) {
      a.awaitReady();
    }
    b = kind == Kind.ONE ? a : start();
    a.awaitReady();
    b.awaitReady();
    a.post("/api/workspaces", Json.object().put("slug", "durable").put("name", name)).expect(201);
  }

  @Override
  public void afterAll(ExtensionContext context) {
    Runtime.getRuntime().removeShutdownHook(killer);
    end();
  }

  private void end() {
    started.forEach(Replica::close);
    if (sink != null) {
      sink.close();
    }
    if (place != null) {
      for (AutoCloseable part : place.parts()) {
        try {
          part.close();
        } catch (Exception failure) {
          throw new IllegalStateException("cannot close " + part, failure);
        }
      }
    }
  }

  /** Starts one more. */
  Replica start() throws IOException {
    return start(List.of());
  }

  /** Starts one more of the previous release. */
  Replica startPrevious() throws IOException {
    return start(PreviousRelease.command());
  }

  /** Starts one by the command; where it is empty, one of this release. */
  private Replica start(List<String> command) throws IOException {
    Map<String, String> all = new HashMap<>();
    all.put("QUARKUS_DATASOURCE_JDBC_URL", place.jdbcUrl());
    all.put("QUARKUS_DATASOURCE_USERNAME", place.username());
    all.put("QUARKUS_DATASOURCE_PASSWORD", place.password());
    all.put("STEPWELL_ENGINE_LEASE", "3s");
    all.putAll(settings);
    Path log = FOLDER.resolve(name + "-" + started.size() + ".log");
    Replica replica =
        command.isEmpty() ? Replica.start(log, all) : Replica.start(log, all, command);
    started.add(replica);
    return replica;
  }

  Replica a() {
    return a;
  }

  Replica b() {
    return b;
  }

  EffectSink sink() {
    return sink;
  }

  /** Waits with patience: what it waits for may take long on a busy machine. */
  static ConditionFactory eventually(String what) {
    return Awaitility.await(what)
        .atMost(PATIENCE)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(50));
  }

  /** A step that calls the sink. */
  ObjectNode call(String name, String path) {
    ObjectNode action =
        Json.object().put("name", name).put("type", "call_api").put("timeout", 600_000);
    action.putObject("config").put("method", "POST").put("url", sink.url(path));
    return action;
  }

  static ObjectNode waiting(String name, Duration duration) {
    ObjectNode action = Json.object().put("name", name).put("type", "wait");
    action.putObject("config").put("durationMs", duration.toMillis());
    return action;
  }

  /** Stores a workflow of these steps and gives its key. */
  String workflow(ObjectNode... actions) {
    String key = "workflow-" + ++workflows;
    ObjectNode workflow = Json.object().put("key", key).put("name", key);
    workflow.putArray("actions").addAll(List.of(actions));
    b.post(WORKSPACE + "/workflows", workflow).expect(201);
    return key;
  }

  static String path(String below) {
    return WORKSPACE + "/workflows" + below;
  }

  static String executionPath(String id) {
    return path("/executions/" + id);
  }

  /** Starts an execution through the replica, whoever runs it. */
  static String execute(Replica replica, String workflow) {
    return replica
        .post(path("/" + workflow + "/execute"), Json.object())
        .expect(202)
        .path("id")
        .asText();
  }

  /** Starts an execution so that it is the replica that runs it. */
  String executeOn(Replica owner, String workflow) {
    List<Replica> others =
        started.stream().filter(replica -> replica != owner && replica.alive()).toList();
    others.forEach(Replica::freeze);
    try {
      String id = execute(owner, workflow);
      eventually("claim by its owner").until(() -> !status(owner, id).equals("PENDING"));
      return id;
    } finally {
      others.forEach(Replica::thaw);
    }
  }

  static JsonNode view(Replica replica, String id) {
    return replica.get(executionPath(id)).expect(200);
  }

  static String status(Replica replica, String id) {
    return view(replica, id).path("status").asText();
  }

  /** Waits until the execution has this status. */
  static JsonNode await(Replica replica, String id, String status) {
    eventually(status).until(() -> status(replica, id).equals(status));
    return view(replica, id);
  }

  static JsonNode step(JsonNode view, String name) {
    return StreamSupport.stream(view.path("steps").spliterator(), false)
        .filter(step -> step.path("name").asText().equals(name))
        .findFirst()
        .orElseThrow();
  }

  /** Status and attempts of a step, such as {@code COMPLETED 1}. */
  static String outcome(JsonNode view, String name) {
    JsonNode step = step(view, name);
    return step.path("status").asText() + " " + step.path("attempts").asInt();
  }

  /** How many executions of the workflow have this status, by its statistics. */
  static int count(Replica replica, String workflow, String status) {
    return replica
        .get(path("/" + workflow + "/executions"))
        .expect(200)
        .at("/statistics/byStatus/" + status)
        .asInt();
  }

  /** A connection as the replicas have them. */
  Connection connect() throws SQLException {
    return place.connect();
  }

  /** Says how long something took on this machine: a figure, no promise. */
  static void report(String what, Duration took) {
    System.out.printf("[durability] %s: %d ms%n", what, took.toMillis());
  }
}
