package io.stepwell.workflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasKey;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;
import static org.hamcrest.Matchers.startsWith;

import io.quarkus.test.junit.QuarkusTest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
class WorkflowVersionsTest {
  private static final int RACERS = 8;
  private WorkflowApi api;
  private String id;

  @BeforeEach
  void createWorkflow() {
    api = new WorkflowApi();
    id = api.create("versioned");
  }

  @Test
  void every_replacement_makes_a_version_even_an_equal_one() {
    for (int version = 2; version <= 4; version++) {
      api.put(id, "{'actions': []}")
          .then()
          .statusCode(200)
          .header("ETag", "\"" + version + "\"")
          .body("version", equalTo(version))
          .body("key", equalTo("versioned"));
    }
  }

  @Test
  void a_replacement_puts_what_it_leaves_out_back_to_its_default() {
    api.put(id, "{'name': 'N', 'description': 'D', 'enabled': false, 'actions': []}")
        .then()
        .body("enabled", equalTo(false));

    api.put(id, "{'actions': []}")
        .then()
        .statusCode(200)
        .body("name", equalTo("versioned"))
        .body("description", nullValue())
        .body("enabled", equalTo(true));
  }

  @Test
  void a_version_never_changes() {
    String first = api.get("/" + id + "/versions/1").asString();
    api.put(
            "versioned",
            "{'key': 'renamed', 'actions': [{'type': 'wait', 'config': {'durationMs': 1}}]}")
        .then()
        .statusCode(200);

    assertThat(api.get("/" + id + "/versions/1").asString()).isEqualTo(first);
    api.get("/renamed/versions/1").then().body("key", equalTo("versioned"));
    api.get("/renamed/versions/2")
        .then()
        .statusCode(200)
        .body("id", equalTo(id))
        .body("key", equalTo("renamed"))
        .body("version", equalTo(2))
        .body("createdBy", startsWith("apikey:"))
        .body("actions[0].config.durationMs", equalTo(1));
  }

  @ParameterizedTest
  @ValueSource(strings = {"2", "0", "-1", "01", "+1", "x", "99999999999", "1.0"})
  void a_version_that_is_not_there_is_not_found(String number) {
    api.get("/" + id + "/versions/" + number)
        .then()
        .statusCode(404)
        .body("code", equalTo("workflow_version_not_found"));
  }

  @Test
  void the_versions_are_listed_newest_first_in_pages() {
    api.put(id, "{'actions': []}");
    api.put(id, "{'actions': []}");

    String cursor =
        api.get("/" + id + "/versions?limit=2")
            .then()
            .statusCode(200)
            .body("versions.version", contains(3, 2))
            .body("versions[0].createdBy", startsWith("apikey:"))
            .body("versions[0]", hasKey("createdAt"))
            .body("versions[0]", not(hasKey("actions")))
            .extract()
            .path("pagination.nextCursor");
    api.get("/versioned/versions?limit=2&cursor=" + cursor)
        .then()
        .statusCode(200)
        .body("versions.version", contains(1))
        .body("pagination.nextCursor", nullValue());
    api.get("?cursor=" + cursor).then().statusCode(400);
  }

  @Test
  void a_replacement_may_bring_a_free_key_and_frees_the_old_one() {
    api.put(id, "{'key': 'renamed', 'actions': []}").then().statusCode(200);

    api.get("/versioned").then().statusCode(404);
    api.get("/renamed").then().statusCode(200).body("id", equalTo(id));
    api.create("versioned");
    api.put(id, "{'key': 'versioned', 'actions': []}")
        .then()
        .statusCode(409)
        .body("code", equalTo("key_taken"));
    api.get("/" + id).then().body("version", equalTo(2)).body("key", equalTo("renamed"));
  }

  @Test
  void a_stale_if_match_changes_nothing() {
    api.put(id, "\"1\"", "{'actions': []}").then().statusCode(200).header("ETag", "\"2\"");

    api.put(id, "\"1\"", "{'actions': []}")
        .then()
        .statusCode(412)
        .body("code", equalTo("version_conflict"));
    api.put(id, "W/\"2\"", "{'actions': []}").then().statusCode(412);
    api.editor().header("If-Match", "\"1\"").delete(api.path("/" + id)).then().statusCode(412);
    api.get("/" + id).then().body("version", equalTo(2)).body("archivedAt", nullValue());
    api.put(id, "\"7\", \"2\"", "{'actions': []}").then().statusCode(200);
    api.put(id, "*", "{'actions': []}").then().statusCode(200).header("ETag", "\"4\"");
    api.editor().header("If-Match", "\"4\"").delete(api.path("/" + id)).then().statusCode(204);
  }

  @Test
  void a_client_that_has_the_version_is_told_so() {
    api.editor()
        .header("If-None-Match", "W/\"1\"")
        .get(api.path("/" + id))
        .then()
        .statusCode(304)
        .header("ETag", "\"1\"")
        .body(equalTo(""));
    api.editor().header("If-None-Match", "\"2\"").get(api.path("/" + id)).then().statusCode(200);
  }

  @Test
  void of_many_replacements_of_one_version_exactly_one_wins() throws Exception {
    List<Integer> statuses =
        race(n -> api.put(id, "\"1\"", "{'name': 'n" + n + "', 'actions': []}").statusCode());

    assertThat(statuses).containsOnly(200, 412).containsOnlyOnce(200);
    api.get("/" + id).then().body("version", equalTo(2));
  }

  @Test
  void of_many_replacements_without_a_condition_each_makes_a_version() throws Exception {
    List<Integer> statuses = race(n -> api.put(id, "{'actions': []}").statusCode());

    assertThat(statuses).containsOnly(200);
    api.get("/" + id).then().body("version", equalTo(1 + RACERS));
  }

  @Test
  void of_many_workflows_with_one_key_exactly_one_is_created() throws Exception {
    List<Integer> statuses =
        race(n -> api.post("{'key': 'contended', 'actions': []}").statusCode());

    assertThat(statuses).containsOnly(201, 409).containsOnlyOnce(201);
  }

  @Test
  void of_many_archivings_exactly_one_happens() throws Exception {
    assertThat(race(n -> api.delete(id).statusCode())).containsOnly(204, 404).containsOnlyOnce(204);
  }

  private interface Racer {
    int run(int number);
  }

  private static List<Integer> race(Racer racer) throws Exception {
    CountDownLatch start = new CountDownLatch(1);
    List<Future<Integer>> finishes = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(RACERS)) {
      for (int n = 0; n < RACERS; n++) {
        int number = n;
        Callable<Integer> run =
            () -> {
              start.await();
              return racer.run(number);
            };
        finishes.add(threads.submit(run));
      }
      start.countDown();
      List<Integer> results = new ArrayList<>();
      for (Future<Integer> finish : finishes) {
        results.add(finish.get());
      }
      return results;
    }
  }
}
