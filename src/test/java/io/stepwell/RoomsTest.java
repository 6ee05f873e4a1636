package io.stepwell;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.conditions.ArchConditions.be;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Holds which room may know which. */
class RoomsTest {
  private static final String ROOT = "io.stepwell.";

  /** Rooms with resources also take their shapes of answers from {@code http}. */
  private static final Map<String, Set<String>> MAY_IMPORT =
      Map.ofEntries(
          Map.entry("kernel", Set.of()),
          Map.entry("http", Set.of("kernel")),
          Map.entry("workspace", Set.of("kernel", "http")),
          Map.entry("expression", Set.of("kernel")),
          Map.entry("outbound", Set.of("kernel")),
          // its resource is guarded like every other
          Map.entry("action", Set.of("kernel", "http", "workspace", "expression", "outbound")),
          Map.entry("workflow", Set.of("kernel", "http", "workspace", "expression", "action")),
          Map.entry(
              "execution",
              Set.of("kernel", "http", "workspace", "workflow", "action", "expression")),
          Map.entry(
              "engine",
              Set.of("kernel", "workspace", "execution", "workflow", "action", "expression")),
          Map.entry("stream", Set.of("kernel", "http", "workspace", "execution")),
          Map.entry("inbox", Set.of("kernel", "http", "workspace", "action", "execution")),
          Map.entry("database", Set.of("kernel")),
          Map.entry("launch", Set.of("kernel")));

  /** Brings what a developer finds at the first start, through the doors of the other rooms. */
  private static final String SAMPLE = "sample";

  private static final JavaClasses MAIN =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("io.stepwell");

  @Test
  void every_class_lives_in_a_room() {
    Set<String> rooms =
        MAIN.stream().map(RoomsTest::room).collect(Collectors.toCollection(TreeSet::new));
    assertThat(rooms)
        .isNotEmpty()
        .isSubsetOf(Stream.concat(MAY_IMPORT.keySet().stream(), Stream.of(SAMPLE)).toList());
  }

  @Test
  void a_room_imports_only_the_rooms_below_it() {
    MAY_IMPORT.forEach((room, allowed) ->
        noClasses()
            .that(resideInAPackage(ROOT + room + ".."))
            .should()
            .dependOnClassesThat(inOtherRoomThan(room, allowed))
            .because("%s may import only %s".formatted(room, new TreeSet<>(allowed)))
            .allowEmptyShould(true)
            .check(MAIN));
  }

  @Test
  void rooms_form_no_cycles() {
    slices().matching(ROOT + "(*)..").should().beFreeOfCycles().check(MAIN);
  }

  @Test
  void only_outbound_reaches_the_network() {
    noClasses()
        .that(inOtherRoomThan("outbound", Set.of()))
        .should()
        .dependOnClassesThat(
            resideInAnyPackage("java.net.http..", "io.vertx.ext.mail..", "org.eclipse.angus..")
                .or(named("java.net.HttpURLConnection", "java.net.URLConnection"))
                .or(
                    named(
                        "io.vertx.core.http.HttpClient",
                        "io.vertx.core.http.HttpClientRequest",
                        "io.vertx.core.http.WebSocketClient",
                        "io.vertx.ext.web.client.WebClient")))
        .check(MAIN);
  }

  @Test
  void every_resource_method_says_who_may_call_it() {
    methods()
        .that(answerRequests())
        .should(be(annotatedWithAccess()))
        .because("without io.stepwell.workspace.Access the filter refuses everybody")
        .allowEmptyShould(true)
        .check(MAIN);
  }

  private static String room(JavaClass type) {
    String rest = type.getPackageName().substring(ROOT.length());
    int dot = rest.indexOf('.');
    return dot < 0 ? rest : rest.substring(0, dot);
  }

  private static DescribedPredicate<JavaClass> inOtherRoomThan(String own, Set<String> allowed) {
    return DescribedPredicate.describe(
        "in a room other than " + own + " and " + allowed,
        type ->
            type.getPackageName().startsWith(ROOT)
                && !room(type).equals(own)
                && !allowed.contains(room(type)));
  }

  private static DescribedPredicate<JavaClass> named(String... names) {
    return DescribedPredicate.describe(
        "named " + List.of(names), type -> List.of(names).contains(type.getName()));
  }

  private static DescribedPredicate<JavaMethod> answerRequests() {
    Set<String> verbs = Set.of("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS");
    return DescribedPredicate.describe(
        "answer requests",
        method ->
            method.getAnnotations().stream()
                .map(annotation -> annotation.getRawType())
                .anyMatch(type ->
                    type.getPackageName().equals("jakarta.ws.rs")
                        && verbs.contains(type.getSimpleName())));
  }

  private static DescribedPredicate<JavaMethod> annotatedWithAccess() {
    return DescribedPredicate.describe(
        "annotated with @Access", method -> method.isAnnotatedWith("io.stepwell.workspace.Access"));
  }
}
