package io.stepwell.sample;

import com.fasterxml.jackson.databind.JsonNode;
import io.quarkus.arc.properties.IfBuildProperty;
import io.quarkus.runtime.StartupEvent;
import io.stepwell.kernel.Failure;
import io.stepwell.kernel.Json;
import io.stepwell.workflow.WorkflowEditor;
import io.stepwell.workflow.Workflows;
import io.stepwell.workspace.Workspace;
import io.stepwell.workspace.WorkspaceDirectory;
import io.stepwell.workspace.WorkspaceScope;
import io.stepwell.workspace.Workspaces;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * Brings the workspace {@code demo} with four workflows to play with, in development only.
 *
 * <p>It makes what is missing and changes nothing that is there: what a user changed or archived
 * stays so at the next start.
 */
@ApplicationScoped
@IfBuildProperty(name = "stepwell.samples.enabled", stringValue = "true")
class SampleWorkspace {
  static final String SLUG = "demo";
  static final List<String> WORKFLOWS =
      List.of("order-fulfillment", "incident-response", "site-check", "expense-approval");

  private static final Logger LOG = Logger.getLogger(SampleWorkspace.class);
  private static final String ACTOR = "sample";

  /** Where the samples expect the services that they call. */
  private static final String WRITTEN_URL = "http://localhost:8080";

  private final Workspaces workspaces;
  private final WorkspaceDirectory directory;
  private final Workflows workflows;
  private final WorkflowEditor editor;
  private final String url;

  SampleWorkspace(
      Workspaces workspaces,
      WorkspaceDirectory directory,
      Workflows workflows,
      WorkflowEditor editor,
      @ConfigProperty(name = "stepwell.samples.url") String url) {
    this.workspaces = workspaces;
    this.directory = directory;
    this.workflows = workflows;
    this.editor = editor;
    this.url = url;
  }

  void start(@Observes StartupEvent event) {
    fill();
  }

  /** Makes what is missing. */
  void fill() {
    UUID workspaceId = workspace().id();
    long made =
        WorkspaceScope.call(
            workspaceId, () -> WORKFLOWS.stream().filter(key -> make(workspaceId, key)).count());
    if (made > 0) {
      LOG.infof("The workspace %s has %d sample workflows more", SLUG, made);
    }
  }

  private Workspace workspace() {
    return directory
        .bySlug(SLUG)
        .orElseGet(() -> workspaces.create(SLUG, "Samples to play with", ACTOR));
  }

  private boolean make(UUID workspaceId, String key) {
    if (exists(workspaceId, key)) {
      return false;
    }
    editor.create(workspaceId, definition(key), ACTOR);
    return true;
  }

  /** Archived ones count too: whoever archived a sample does not want it back. */
  private boolean exists(UUID workspaceId, String key) {
    try {
      workflows.idOf(workspaceId, key);
      return true;
    } catch (Failure absent) {
      return false;
    }
  }

  private JsonNode definition(String key) {
    return Json.read(resource("/samples/" + key + ".json").replace(WRITTEN_URL, url));
  }

  private static String resource(String path) {
    try (InputStream in = SampleWorkspace.class.getResourceAsStream(path)) {
      if (in == null) {
        throw new IllegalStateException("there is no " + path);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
