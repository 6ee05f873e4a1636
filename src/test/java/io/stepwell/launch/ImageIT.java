package io.stepwell.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.stepwell.PackagedService;
import io.stepwell.TestDatabase;
import io.stepwell.kernel.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Does what the Dockerfiles say without a container engine: puts the files that they copy where
 * they copy them, in a mount namespace in which nothing can be written, and starts the entry point
 * there as a user that is not root. Base images and the steps that run in them are not tested.
 */
@EnabledOnOs(OS.LINUX)
class ImageIT {
  private static final String HOME = "/opt/stepwell";
  private static final String KEY = "integration-test-key-0123456789";
  private static final Duration DEADLINE = Duration.ofMinutes(5);
  private static final long LARGEST_EXECUTABLE = 120_000_000;
  private static final Pattern UID = Pattern.compile("Uid:\\s+(\\d+)");
  private static final Pattern LISTENING = Pattern.compile("Listening on: http://\\S+:(\\d+)");

  /** $1: the folder of the image, $2: a JDK, $3: a folder to see both in, then the entry point. */
  private static final String SANDBOX =
      """
      set -e
      mount --make-rprivate /
      seen=$3
      mkdir "$seen/app" "$seen/jdk"
      mount --bind "$1" "$seen/app"
      mount --bind "$2" "$seen/jdk"
      shift 3
      mount -t tmpfs none /opt
      mkdir %1$s
      mount --bind "$seen/app" %1$s
      awk '{print $5}' /proc/self/mountinfo | grep -vE '^/(proc|sys|dev)(/|$)' | sort -u |
        while read -r point; do mount -o remount,bind,ro "$point" || :; done
      cd %1$s
      for place in /tmp "$seen" %1$s; do
        if touch "$place/written" 2>/dev/null; then echo "$place can be written"; exit 1; fi
      done
      export PATH="$seen/jdk/bin:$PATH"
      if [ "$ROOT" = true ]; then
        exec setpriv --reuid=10001 --regid=0 --clear-groups --no-new-privs --bounding-set=-all "$@"
      fi
      exec unshare --user "$@"
      """
          .formatted(HOME);

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"Dockerfile.jvm", "Dockerfile.native", "Dockerfile.native-micro"})
  void it_says_what_it_is_and_runs_as_a_user_that_is_not_root(String name) throws IOException {
    Dockerfile file = Dockerfile.read(name);

    assertThat(String.join(" ", file.last("LABEL")))
        .contains(
            "org.opencontainers.image.title=",
            "org.opencontainers.image.description=",
            "org.opencontainers.image.licenses=",
            "org.opencontainers.image.version=",
            "org.opencontainers.image.revision=");
    // a number: Kubernetes' runAsNonRoot cannot judge a name
    assertThat(file.last("USER").get(1)).matches("[1-9]\\d+:0");
  }

  @ParameterizedTest
  @ValueSource(strings = {"Dockerfile.jvm", "Dockerfile.native", "Dockerfile.native-micro"})
  void a_process_whose_memory_is_exhausted_ends(String name) throws IOException {
    JsonNode entryPoint = Json.read(Dockerfile.read(name).last("ENTRYPOINT").get(1));

    assertThat(entryPoint).extracting(JsonNode::asText).contains("-XX:+ExitOnOutOfMemoryError");
  }

  @Test
  void the_build_makes_every_file_that_is_copied_into_the_jvm_image() throws IOException {
    assumeThat(PackagedService.isNative()).as("a native build, which makes no jars").isFalse();
    for (Dockerfile.Copy copy : Dockerfile.read("Dockerfile.jvm").copies().toList()) {
      assertThat(Dockerfile.files(copy.source())).as(copy.source()).isNotEmpty();
      assertThat(Dockerfile.files(copy.source())).allMatch(ImageIT::admitted);
    }
    assertThat(Path.of("target/quarkus-app/lib/main/any.jar")).matches(ImageIT::admitted);
  }

  @Test
  void the_executable_is_small() throws IOException {
    assumeThat(PackagedService.isNative()).as("a native build").isTrue();
    String source =
        Dockerfile.read("Dockerfile.native").copies().findFirst().orElseThrow().source();

    List<Path> executables = Dockerfile.files(source);
    assertThat(executables).hasSize(1);
    assertThat(Files.size(executables.getFirst())).isLessThan(LARGEST_EXECUTABLE);
  }

  @Test
  void nothing_else_reaches_the_builder() {
    assertThat(Path.of("target/stepwell-1.0-runner")).matches(ImageIT::admitted);
    // it was made for another JVM at another place
    assertThat(Path.of("target/quarkus-app/stepwell.aot")).doesNotMatch(ImageIT::admitted);
    assertThat(
            List.of(
                ".git/config", ".stepwell/postgres", "pom.xml", "src/main/java", "target/classes"))
        .map(Path::of)
        .noneMatch(ImageIT::admitted);
  }

  @ParameterizedTest
  @ValueSource(strings = {"Dockerfile.jvm", "Dockerfile.native", "Dockerfile.native-micro"})
  void its_entry_point_needs_nothing_to_write_and_no_root(String name)
      throws IOException, InterruptedException {
    assumeThat(maySandbox()).as("may mount in a namespace of its own").isTrue();
    Dockerfile file = Dockerfile.read(name);
    Dockerfile.Copy copy =
        file.copies().filter(each -> each.destination().startsWith(HOME)).findFirst().orElseThrow();
    List<Path> sources = Dockerfile.files(copy.source());
    // only a native build makes it
    assumeThat(sources).as(copy.source()).isNotEmpty();

    try (TestDatabase database = TestDatabase.migrated()) {
      Process process = start(staged(sources.getFirst(), copy.destination()), file, database);
      try {
        int port = awaitPort(process);
        assertThat(userOf(process)).isNotEqualTo("0");
        assertThat(createWorkspace(port)).isEqualTo(201);
        process.destroy();
        assertThat(process.waitFor(DEADLINE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(output()).contains("stopped in");
      } finally {
        process.destroyForcibly().waitFor();
      }
    }
  }

  /** The folder of the image with what is copied into it. */
  private Path staged(Path source, String destination) throws IOException {
    if (destination.equals(HOME)) {
      return source.toAbsolutePath();
    }
    Path image = Files.createDirectories(folder.resolve("image"));
    Path target = image.resolve(Path.of(HOME).relativize(Path.of(destination)));
    Files.copy(source, target);
    assertThat(target.toFile().setExecutable(true, false)).isTrue();
    return image;
  }

  private Process start(Path image, Dockerfile file, TestDatabase database) throws IOException {
    Path seen = Files.createDirectories(folder.resolve("seen"));
    // the other user passes through it
    assertThat(folder.toFile().setExecutable(true, false)).isTrue();
    List<String> command = new ArrayList<>(unshare());
    command.addAll(List.of("sh", "-c", SANDBOX, "sandbox", image.toString()));
    command.addAll(List.of(System.getProperty("java.home"), seen.toString()));
    Json.read(file.last("ENTRYPOINT").get(1)).forEach(word -> command.add(word.asText()));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().keySet().removeIf(name -> name.matches("(QUARKUS|STEPWELL|MAVEN)_.*"));
    builder
        .environment()
        .putAll(
            Map.of(
                "ROOT",
                Boolean.toString(root()),
                "STEPWELL_BOOTSTRAP_ADMIN_KEY",
                KEY,
                "STEPWELL_MIGRATE_AT_START",
                "false",
                "QUARKUS_DATASOURCE_JDBC_URL",
                database.jdbcUrl(),
                "QUARKUS_DATASOURCE_USERNAME",
                database.username(),
                "QUARKUS_DATASOURCE_PASSWORD",
                database.password(),
                "QUARKUS_HTTP_HOST",
                "127.0.0.1",
                "QUARKUS_HTTP_PORT",
                "0"));
    return builder
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("output").toFile())
        .start();
  }

  private static List<String> unshare() throws IOException {
    return root()
        ? List.of("unshare", "--mount")
        : List.of("unshare", "--mount", "--map-root-user");
  }

  private static boolean root() throws IOException {
    return Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
  }

  private static boolean maySandbox() throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(unshare());
    command.addAll(List.of("mount", "--make-rprivate", "/"));
    return new ProcessBuilder(command).start().waitFor() == 0;
  }

  private int awaitPort(Process process) {
    await()
        .atMost(DEADLINE)
        .pollInterval(Duration.ofMillis(100))
        .failFast(() -> assertThat(process.isAlive()).as("alive; it said %s", output()).isTrue())
        .until(() -> LISTENING.matcher(output()).find());
    Matcher listening = LISTENING.matcher(output());
    assertThat(listening.find()).isTrue();
    return Integer.parseInt(listening.group(1));
  }

  private String output() {
    try {
      return Files.readString(folder.resolve("output"));
    } catch (IOException unreadable) {
      throw new AssertionError(unreadable);
    }
  }

  private static String userOf(Process process) throws IOException {
    Path status = Path.of("/proc", Long.toString(process.pid()), "status");
    return Files.readAllLines(status).stream()
        .map(UID::matcher)
        .filter(Matcher::lookingAt)
        .map(uid -> uid.group(1))
        .findFirst()
        .orElseThrow();
  }

  private static int createWorkspace(int port) throws IOException, InterruptedException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/api/workspaces"))
              .timeout(DEADLINE)
              .header("Authorization", "Bearer " + KEY)
              .header("Content-Type", "application/json")
              .POST(
                  HttpRequest.BodyPublishers.ofString(
                      Json.write(Json.object().put("slug", "image").put("name", "Image"))))
              .build();
      return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
    }
  }

  private static boolean admitted(Path file) {
    try {
      return Dockerfile.admits(file);
    } catch (IOException unreadable) {
      throw new AssertionError(unreadable);
    }
  }
}
