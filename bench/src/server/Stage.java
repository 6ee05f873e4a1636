package server;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import load.HttpConnection;
import load.HttpConnection.Answer;

/** What a scenario plays on: an empty database, replicas of the service on it, and a workspace. */
public final class Stage implements AutoCloseable {
  private final Postgres postgres;
  private final String name;
  private final Database database;
  private final Service.Launch launch;
  private final boolean wantsProfile;
  private Optional<Profile> profile = Optional.empty();
  private final List<Service> services;
  private final String workspace;
  private String key = Service.ADMIN_KEY;

  private Stage(
      Postgres postgres,
      String name,
      Database database,
      Service.Launch launch,
      boolean wantsProfile,
      List<Service> services,
      String slug) {
    this.postgres = postgres;
    this.name = name;
    this.database = database;
    this.launch = launch;
    this.wantsProfile = wantsProfile;
    this.services = services;
    this.workspace = "/api/workspaces/" + slug;
  }

  public static Stage open(
      Postgres postgres, String name, Service.Launch launch, int replicas, boolean wantsProfile)
      throws Exception {
    Database database = Database.create(postgres, "bench_" + name);
    Stage stage =
        new Stage(postgres, name, database, launch, wantsProfile, new ArrayList<>(), "bench");
    try {
      for (int i = 0; i < replicas; i++) {
        stage.addReplica();
      }
      stage.makeWorkspace("bench");
      return stage;
    } catch (Exception failure) {
      stage.close();
      throw failure;
    }
  }

  private void makeWorkspace(String slug) throws IOException {
    call("POST", "/api/workspaces", "{\"slug\": \"%s\", \"name\": \"Benchmark\"}".formatted(slug))
        .expect(201);
    key =
        call("POST", workspace + "/api-keys", "{\"name\": \"load\", \"role\": \"admin\"}")
            .expect(201)
            .member("key");
  }

  /** The same replicas and database with another workspace; not to be closed. */
  public Stage inWorkspace(String slug) throws IOException {
    Stage stage = new Stage(postgres, name, database, launch, false, services, slug);
    stage.makeWorkspace(slug);
    return stage;
  }

  /** Another stage on the same server, whose one replica is started by another command. */
  public Stage beside(String otherName, List<String> command) throws Exception {
    return open(postgres, otherName, new Service.Launch(command, launch.environment()), 1, false);
  }

  /** A workflow that was saved. */
  public record Workflow(UUID id, String key) {}

  /** Saves a workflow with that list of actions, as JSON. */
  public Workflow workflow(String workflowKey, String actions) throws IOException {
    String body =
        "{\"key\": \"%s\", \"name\": \"%s\", \"actions\": %s}"
            .formatted(workflowKey, workflowKey, actions);
    Answer answer = call("POST", workspace + "/workflows", body).expect(201);
    return new Workflow(UUID.fromString(answer.member("id")), workflowKey);
  }

  /** The request that executes it; {@code headers} are whole lines. */
  public byte[] execute(Workflow workflow, String headers, String triggerData) {
    return HttpConnection.post(
        workspace + "/workflows/" + workflow.key() + "/execute",
        key,
        headers,
        "{\"triggerData\": " + triggerData + "}");
  }

  /** A request that reads below the workspace. */
  public byte[] get(String path) {
    return HttpConnection.get(workspace + path, key);
  }

  /** Calls the first replica. */
  public Answer call(String method, String path, String body) throws IOException {
    try (HttpConnection connection = HttpConnection.open(ports().getFirst())) {
      return connection.exchange(HttpConnection.request(method, path, key, "", body));
    }
  }

  /**
   * Asks the database and the API's statistics how many of a workflow's executions are COMPLETED.
   *
   * @throws IllegalStateException when one of them does not say the expected number
   */
  public void requireCompleted(Workflow workflow, long expected) throws IOException, SQLException {
    long stored =
        database.number(
            "select count(*) from execution where workflow_id = ? and status = 'COMPLETED'",
            workflow.id());
    Answer list = read("/workflows/" + workflow.key() + "/executions?limit=1");
    long told = list.number("\"byStatus\"", "COMPLETED");
    long total = list.number("\"statistics\"", "total");
    if (stored != expected || told != expected || total != expected) {
      throw new IllegalStateException(
          "%d executions were accepted; COMPLETED by the database %d, by the API %d of %d"
              .formatted(expected, stored, told, total));
    }
  }

  /** Reads below the workspace. */
  public Answer read(String path) throws IOException {
    return call("GET", workspace + path, "").expect(200);
  }

  /** Requires the API's statistics to count so many executions. */
  public void requireTotal(Workflow workflow, long expected) throws IOException {
    long total =
        read("/workflows/" + workflow.key() + "/executions?limit=1")
            .number("\"statistics\"", "total");
    if (total != expected) {
      throw new IllegalStateException("the API counts " + total + " executions of " + expected);
    }
  }

  public Service addReplica() throws IOException, InterruptedException {
    Path log = Path.of("target/bench/service-" + name + "-" + (services.size() + 1) + ".log");
    Service service = Service.start(launch, postgres.url("bench_" + name), log);
    services.add(service);
    return service;
  }

  /** Starts to collect a profile of what follows, where one is wanted. */
  public void beginProfile() throws Exception {
    if (wantsProfile) {
      profile = Optional.of(Profile.begin(this));
    }
  }

  public Usage usage() throws SQLException {
    return Usage.now(postgres, services, database);
  }

  public Database database() {
    return database;
  }

  public Postgres postgres() {
    return postgres;
  }

  public String databaseName() {
    return "bench_" + name;
  }

  public List<Service> services() {
    return List.copyOf(services);
  }

  public List<Integer> ports() {
    return services.stream().map(Service::port).toList();
  }

  @Override
  public void close() throws Exception {
    try {
      if (profile.isPresent()) {
        profile.get().print(System.out);
      }
    } finally {
      services.forEach(Service::close);
      database.close();
    }
  }
}
