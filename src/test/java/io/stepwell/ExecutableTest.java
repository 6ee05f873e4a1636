package io.stepwell;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import io.quarkus.test.junit.QuarkusIntegrationTest;
import io.quarkus.test.junit.QuarkusTest;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Holds that no test of the HTTP interface is forgotten when the native executable is tested. */
class ExecutableTest {
  private static final String PROBES = "asks resources that only the tests' build has";
  private static final String BEANS = "looks at beans";
  private static final String PARTS = "drives parts of the engine by hand";
  private static final String DEVELOPMENT = "is about what production does not have";

  /** What runs on the JVM only, and why. */
  private static final Map<String, String> JVM_ONLY =
      Map.ofEntries(
          Map.entry("action.HandlerProxyTest", BEANS),
          Map.entry("database.PoolsTest", BEANS),
          Map.entry("engine.LargeOutputsTest", BEANS),
          Map.entry("engine.LoopsTurnTest", PARTS),
          Map.entry("engine.RacesTest", PARTS),
          Map.entry("engine.StateMachineModelTest", PARTS),
          Map.entry("engine.TroubleTest", PARTS),
          Map.entry("execution.SlowReaderTest", BEANS),
          Map.entry("http.AnswerTest", PROBES),
          Map.entry("http.ProblemTest", PROBES),
          Map.entry("http.RequestBodyTest", PROBES),
          Map.entry("http.SwaggerUiTest", DEVELOPMENT),
          Map.entry("sample.ReadmeTest", DEVELOPMENT),
          Map.entry("sample.SampleWorkspaceTest", DEVELOPMENT),
          Map.entry("sample.SamplesAbsentTest", BEANS),
          Map.entry("workflow.WorkflowsTest", BEANS),
          Map.entry("workspace.AccessFilterTest", PROBES),
          Map.entry("workspace.KeyUseTest", PROBES),
          Map.entry("workspace.RetentionTest", BEANS),
          Map.entry("workspace.SecondWallTest", BEANS),
          Map.entry("workspace.SecretsTest", BEANS),
          Map.entry("workspace.StreamTicketTest", PROBES),
          Map.entry("workspace.WorkspaceDeletionTest", BEANS));

  private static final JavaClasses TESTS = new ClassFileImporter().importPackages("io.stepwell");

  @Test
  void every_test_of_the_service_runs_against_the_executable_or_says_why_not() {
    Set<String> against =
        names(
            TESTS.stream()
                .filter(type -> type.isAnnotatedWith(QuarkusIntegrationTest.class))
                .filter(type -> type.getSimpleName().endsWith("NativeIT"))
                .map(type -> type.getRawSuperclass().orElseThrow()));
    Set<String> tests =
        names(TESTS.stream().filter(type -> type.isAnnotatedWith(QuarkusTest.class)));

    assertThat(tests).containsAll(JVM_ONLY.keySet());
    tests.removeAll(JVM_ONLY.keySet());
    assertThat(against)
        .as("a FooTest has a FooNativeIT that extends it, or a reason in JVM_ONLY")
        .isEqualTo(tests);
  }

  private static Set<String> names(Stream<JavaClass> types) {
    return types
        .map(type -> type.getName().substring("io.stepwell.".length()))
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
