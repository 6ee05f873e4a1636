package io.stepwell.execution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.stepwell.TestDatabase;
import io.stepwell.kernel.Failure;
import io.stepwell.kernel.Json;
import java.io.PrintWriter;
import java.io.Writer;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Logger;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class IntakeTest {
  private static final UUID WORKSPACE = UUID.randomUUID();

  private static TestDatabase database;

  private final Gate gate = new Gate();
  private final List<Intake> intakes = new ArrayList<>();
  private UUID workflow;

  @BeforeAll
  static void createWorkspace() throws SQLException {
    database = TestDatabase.migrated();
    execute(
        "insert into workspace (id, slug, name, created_at, updated_at)"
            + " values (?, 'own', 'own', now(), now())",
        WORKSPACE);
  }

  @AfterAll
  static void closeDatabase() {
    database.close();
  }

  @BeforeEach
  void createWorkflow() throws SQLException {
    workflow = UUID.randomUUID();
    execute(
        "insert into workflow (id, workspace_id, key, version, name, enabled, created_at,"
            + " updated_at) values (?, ?, ?, 2, 'flow', true, now(), now())",
        workflow,
        WORKSPACE,
        workflow.toString());
    for (int version = 1; version <= 2; version++) {
      execute(
          "insert into workflow_version (workflow_id, version, workspace_id, definition,"
              + " created_at, created_by) values (?, ?, ?, '{}', now(), 'test')",
          workflow,
          version,
          WORKSPACE);
    }
  }

  @AfterEach
  void stopIntakes() throws InterruptedException {
    gate.open();
    for (Intake intake : intakes) {
      intake.stop();
    }
  }

  /** The database behind a gate that can be shut or broken, and that counts who passes. */
  private static final class Gate implements DataSource {
    final AtomicInteger passed = new AtomicInteger();
    final AtomicBoolean broken = new AtomicBoolean();
    final AtomicBoolean losing = new AtomicBoolean();
    private volatile CountDownLatch opened = new CountDownLatch(0);

    void shut() {
      opened = new CountDownLatch(1);
    }

    void open() {
      opened.countDown();
    }

    @Override
    public Connection getConnection() throws SQLException {
      passed.incrementAndGet();
      try {
        opened.await();
      } catch (InterruptedException e) {
        throw new SQLException(e);
      }
      if (broken.get()) {
        throw new SQLException("the server is away", "08006");
      }
      Connection connection = database.dataSource().getConnection();
      return losing.get() ? losing(connection) : connection;
    }

    /** Commits what it is told, and does not say so. */
    private Connection losing(Connection connection) {
      return proxy(
          Connection.class,
          (method, arguments) -> {
            Object made = method.invoke(connection, arguments);
            return made instanceof PreparedStatement statement
                ? proxy(
                    PreparedStatement.class, (name, given) -> answerless(statement, name, given))
                : made;
          });
    }

    private Object answerless(PreparedStatement statement, Method method, Object[] arguments)
        throws Throwable {
      Object made = method.invoke(statement, arguments);
      if (method.getName().equals("executeQuery") && losing.getAndSet(false)) {
        throw new SQLException("the connection was lost before the answer", "08006");
      }
      return made;
    }

    private interface Call {
      Object make(Method method, Object[] arguments) throws Throwable;
    }

    private static <T> T proxy(Class<T> type, Call call) {
      return type.cast(
          Proxy.newProxyInstance(
              type.getClassLoader(),
              new Class<?>[] {type},
              (self, method, arguments) -> call.make(method, arguments)));
    }

    @Override
    public Connection getConnection(String user, String password) throws SQLException {
      return getConnection();
    }

    @Override
    public PrintWriter getLogWriter() {
      return new PrintWriter(Writer.nullWriter());
    }

    @Override
    public void setLogWriter(PrintWriter out) {}

    @Override
    public void setLoginTimeout(int seconds) {}

    @Override
    public int getLoginTimeout() {
      return 0;
    }

    @Override
    public Logger getParentLogger() {
      return Logger.getGlobal();
    }

    @Override
    public <T> T unwrap(Class<T> type) throws SQLException {
      throw new SQLException("wraps nothing");
    }

    @Override
    public boolean isWrapperFor(Class<?> type) {
      return false;
    }
  }

  private Intake intake(Duration patience) {
    Intake intake =
        new Intake(
            gate,
            new SimpleMeterRegistry(),
            workspace -> Optional.empty(),
            new ExecutionChanges(),
            patience);
    intakes.add(intake);
    intake.start();
    return intake;
  }

  private Intake intake() {
    return intake(Duration.ofMinutes(1));
  }

  private ExecutionEntity execution(int version) {
    ExecutionEntity execution = new ExecutionEntity();
    execution.id = UUID.randomUUID();
    execution.workspaceId = WORKSPACE;
    execution.workflowId = workflow;
    execution.workflowVersion = version;
    execution.triggerData = "{\"a\": [1]}";
    execution.labels = "{}";
    execution.userId = "somebody";
    execution.createdAt = Instant.now();
    execution.totalSteps = 1;
    return execution;
  }

  private static void execute(String sql, Object... parameters) throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < parameters.length; i++) {
        statement.setObject(i + 1, parameters[i]);
      }
      statement.executeUpdate();
    }
  }

  private int stored() throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        PreparedStatement statement =
            connection.prepareStatement("select count(*) from execution where workflow_id = ?")) {
      statement.setObject(1, workflow);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return row.getInt(1);
      }
    }
  }

  private static boolean store(Intake intake, ExecutionEntity execution, boolean current) {
    return intake.store(execution, Json.object(), current);
  }

  private static CompletableFuture<Boolean> store(Intake intake, ExecutionEntity execution) {
    CompletableFuture<Boolean> stored = new CompletableFuture<>();
    Thread.startVirtualThread(() -> {
      try {
        stored.complete(store(intake, execution, true));
      } catch (RuntimeException e) {
        stored.completeExceptionally(e);
      }
    });
    return stored;
  }

  /** Lets a first one into a shut gate, so that those who come meanwhile gather behind it. */
  private List<CompletableFuture<Boolean>> gathered(Intake intake, List<ExecutionEntity> those) {
    gate.shut();
    List<CompletableFuture<Boolean>> stored = new ArrayList<>();
    stored.add(store(intake, execution(2)));
    await().until(() -> gate.passed.get() == 1);
    those.forEach(execution -> stored.add(store(intake, execution)));
    await().until(() -> intake.waiting() == those.size());
    gate.open();
    return stored;
  }

  @Test
  void those_who_arrive_together_share_a_transaction() throws SQLException {
    List<ExecutionEntity> those = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      those.add(execution(2));
    }
    List<CompletableFuture<Boolean>> stored = gathered(intake(), those);
    assertThat(stored).allMatch(CompletableFuture::join);
    assertThat(stored()).isEqualTo(101);
    assertThat(gate.passed).hasValue(2);
  }

  @Test
  void a_row_that_the_database_refuses_fails_alone() throws SQLException {
    ExecutionEntity bad = execution(2);
    bad.triggerData = "{";
    List<CompletableFuture<Boolean>> stored =
        gathered(intake(), List.of(execution(2), bad, execution(2)));
    assertThat(stored.get(1).join()).isTrue();
    assertThatThrownBy(stored.get(2)::join).isInstanceOf(CompletionException.class);
    assertThat(stored.get(3).join()).isTrue();
    assertThat(stored()).isEqualTo(3);
  }

  @Test
  void of_one_idempotency_key_in_a_group_one_is_stored() throws SQLException {
    List<ExecutionEntity> those = List.of(execution(2), execution(2));
    for (ExecutionEntity execution : those) {
      execution.idempotencyKey = "k";
      execution.requestHash = new byte[] {1, -1};
    }
    List<CompletableFuture<Boolean>> stored = gathered(intake(), those);
    assertThat(stored.get(1).join() ^ stored.get(2).join()).isTrue();
    assertThat(stored()).isEqualTo(2);
  }

  @Test
  void a_version_that_is_no_longer_current_is_not_stored_unless_it_may_be_old()
      throws SQLException {
    Intake intake = intake();
    assertThat(store(intake, execution(1), true)).isFalse();
    assertThat(store(intake, execution(1), false)).isTrue();
    assertThat(stored()).isEqualTo(1);
  }

  @Test
  void a_disabled_or_archived_workflow_is_not_executed() throws SQLException {
    Intake intake = intake();
    execute("update workflow set enabled = false where id = ?", workflow);
    assertThat(store(intake, execution(2), true)).isFalse();
    assertThat(store(intake, execution(1), false)).isFalse();
    execute("update workflow set enabled = true, archived_at = now() where id = ?", workflow);
    assertThat(store(intake, execution(2), true)).isFalse();
    assertThat(stored()).isZero();
  }

  @Test
  void it_lives_on_after_the_database_was_away() {
    Intake intake = intake();
    gate.broken.set(true);
    assertThatThrownBy(() -> store(intake, execution(2), true))
        .cause()
        .hasMessage("the server is away");
    gate.broken.set(false);
    assertThat(store(intake, execution(2), true)).isTrue();
  }

  @Test
  void who_gives_up_is_told_so_and_not_stored_later() throws SQLException {
    Intake intake = intake(Duration.ofMillis(20));
    gate.shut();
    CompletableFuture<Boolean> inside = store(intake, execution(2));
    await().until(() -> gate.passed.get() == 1);
    CompletableFuture<Boolean> behind = store(intake, execution(2));
    for (CompletableFuture<Boolean> stored : List.of(inside, behind)) {
      assertThatThrownBy(stored::join)
          .cause()
          .isInstanceOfSatisfying(
              Failure.class,
              failure -> assertThat(failure.kind()).isEqualTo(Failure.Kind.UNAVAILABLE));
    }
    gate.open();
    await().until(() -> stored() == 1 && intake.waiting() == 0);
  }

  @Test
  void those_whose_answer_was_lost_are_accepted_once() throws SQLException {
    Intake intake = intake();
    gate.losing.set(true);

    assertThat(store(intake, execution(2), true)).isTrue();
    assertThat(gate.losing).isFalse();
    assertThat(stored()).isEqualTo(1);
    assertThat(queued()).isEqualTo(1);
  }

  private int queued() throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        PreparedStatement statement =
            connection.prepareStatement(
                "select count(*) from execution_queue q join execution e"
                    + " on e.workspace_id = q.workspace_id and e.id = q.execution_id"
                    + " where e.workflow_id = ?")) {
      statement.setObject(1, workflow);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return row.getInt(1);
      }
    }
  }

  @Test
  void groups_with_the_same_keys_in_opposite_order_are_both_settled() throws Exception {
    List<String> keys = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      keys.add("k" + i);
    }
    for (int round = 0; round < 5; round++) {
      List<CompletableFuture<Boolean>> stored = new ArrayList<>();
      int number = round;
      gate.shut();
      for (List<String> order : List.of(keys, keys.reversed())) {
        List<ExecutionEntity> those = order.stream().map(key -> keyed(key + number)).toList();
        Intake intake = intake();
        int before = gate.passed.get();
        stored.add(store(intake, execution(2)));
        await().until(() -> gate.passed.get() > before);
        those.forEach(execution -> stored.add(store(intake, execution)));
        await().until(() -> intake.waiting() == those.size());
      }
      gate.open();
      long accepted = stored.stream().filter(CompletableFuture::join).count();
      // of each key one, and the two that came first
      assertThat(accepted).isEqualTo(keys.size() + 2);
    }
  }

  private ExecutionEntity keyed(String key) {
    ExecutionEntity execution = execution(2);
    execution.idempotencyKey = key;
    execution.requestHash = new byte[] {1};
    return execution;
  }

  @Test
  void what_has_a_slot_is_stored_with_its_lease_and_starts() throws Exception {
    List<UUID> tokens = new ArrayList<>();
    List<UUID> started = new ArrayList<>();
    ImmediateStart starts = workspace -> Optional.of(new TestSlot(tokens, started));
    Intake intake =
        new Intake(
            gate, new SimpleMeterRegistry(), starts, new ExecutionChanges(), Duration.ofMinutes(1));
    intakes.add(intake);
    intake.start();

    ExecutionEntity good = execution(2);
    assertThat(store(intake, good, true)).isTrue();
    assertThat(store(intake, execution(1), true)).isFalse();

    assertThat(started).containsExactly(good.id);
    try (Connection connection = database.dataSource().getConnection();
        PreparedStatement statement =
            connection.prepareStatement(
                "select e.status, q.lease_token, q.claims, q.due_at > now() + interval '50 seconds'"
                    + " from execution e join execution_queue q on q.execution_id = e.id"
                    + " where e.workflow_id = ?")) {
      statement.setObject(1, workflow);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        assertThat(row.getString(1)).isEqualTo("RUNNING");
        assertThat(row.getObject(2, UUID.class)).isEqualTo(tokens.getFirst());
        assertThat(row.getInt(3)).isEqualTo(1);
        assertThat(row.getBoolean(4)).isTrue();
      }
    }
    assertThat(tokens).as("the slot of what was not stored is free again").hasSize(1);
  }

  private record TestSlot(UUID token, List<UUID> tokens, List<UUID> started)
      implements ImmediateStart.Slot {
    TestSlot(List<UUID> tokens, List<UUID> started) {
      this(UUID.randomUUID(), tokens, started);
      tokens.add(token);
    }

    @Override
    public Duration lease() {
      return Duration.ofMinutes(1);
    }

    @Override
    public void start(ImmediateStart.Accepted accepted) {
      started.add(accepted.execution().id);
    }

    @Override
    public void free() {
      tokens.remove(token);
    }
  }
}
