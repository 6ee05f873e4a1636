package io.stepwell.workspace;

import io.stepwell.http.BodyMemory;
import io.stepwell.kernel.Failure;
import io.stepwell.kernel.Ids;
import io.stepwell.kernel.LogContext;
import io.stepwell.kernel.Slug;
import jakarta.inject.Singleton;
import jakarta.ws.rs.Priorities;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ResourceInfo;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.UriInfo;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;
import org.jspecify.annotations.Nullable;

/**
 * Lets a request pass to a resource method only as its {@link Access} says.
 *
 * <p>It judges the method that was matched and the decoded path parameters, never the spelling of
 * the path. First comes who calls (401), then whether the workspace is theirs (404), then whether
 * their role suffices (403).
 */
@Singleton
public class AccessFilter {
  private static final Pattern BEARER = Pattern.compile("(?i:bearer) +([^\\s,]+) *");

  private final Authenticator authenticator;
  private final StreamTickets tickets;
  private final WorkspaceDirectory directory;
  private final RequestCaller caller;
  private final BodyMemory body;

  AccessFilter(
      Authenticator authenticator,
      StreamTickets tickets,
      WorkspaceDirectory directory,
      RequestCaller caller,
      BodyMemory body) {
    this.authenticator = authenticator;
    this.tickets = tickets;
    this.directory = directory;
    this.caller = caller;
    this.body = body;
  }

  @ServerRequestFilter(priority = Priorities.AUTHENTICATION)
  public void check(ResourceInfo resource, ContainerRequestContext request) {
    @Nullable Access access = resource.getResourceMethod().getAnnotation(Access.class);
    if (access == null) {
      throw Failure.of(Failure.Kind.FORBIDDEN, "forbidden", "Nobody may call this.");
    }
    Principal principal = authenticate(access, request);
    @Nullable String slug = request.getUriInfo().getPathParameters().getFirst("slug");
    @Nullable Workspace workspace = slug == null ? null : workspace(slug, principal);
    if (!isAllowed(access, principal, workspace)) {
      throw roleMissing(access);
    }
    caller.admit(principal, workspace);
    if (workspace != null) {
      body.belongsTo(workspace.id());
      LogContext.workspace(workspace.id());
      execution(request.getUriInfo()).ifPresent(LogContext::execution);
    }
  }

  private static Optional<UUID> execution(UriInfo uri) {
    return Optional.ofNullable(uri.getPathParameters().getFirst("executionId")).flatMap(Ids::parse);
  }

  private Principal authenticate(Access access, ContainerRequestContext request) {
    @Nullable List<String> headers = request.getHeaders().get(HttpHeaders.AUTHORIZATION);
    if (headers != null && !headers.isEmpty()) {
      return bearer(headers)
          .flatMap(authenticator::authenticate)
          .orElseThrow(AccessFilter::unknown);
    }
    UriInfo uri = request.getUriInfo();
    if (access.ticket() && uri.getQueryParameters().containsKey("ticket")) {
      return ticket(uri).orElseThrow(AccessFilter::unknown);
    }
    throw Failure.of(
        Failure.Kind.UNAUTHENTICATED,
        "unauthenticated",
        "The Authorization header has to carry an API key as a bearer token.");
  }

  private static Optional<String> bearer(List<String> headers) {
    Matcher matcher = BEARER.matcher(headers.getFirst());
    return headers.size() == 1 && matcher.matches()
        ? Optional.of(matcher.group(1))
        : Optional.empty();
  }

  private Optional<Principal> ticket(UriInfo uri) {
    List<String> given = uri.getQueryParameters().getOrDefault("ticket", List.of());
    return given.size() == 1
        ? execution(uri).flatMap(id -> tickets.use(given.getFirst(), id))
        : Optional.empty();
  }

  private Workspace workspace(String slug, Principal principal) {
    return Optional.of(slug)
        .filter(Slug::matches)
        .flatMap(directory::bySlug)
        .filter(workspace -> isOf(workspace, principal))
        .orElseThrow(() -> Failure.notFound("workspace", slug));
  }

  private static boolean isOf(Workspace workspace, Principal principal) {
    return switch (principal) {
      case Principal.InstanceAdministrator admin -> true;
      case Principal.KeyHolder key -> key.workspaceId().equals(workspace.id());
      case Principal.TicketHolder ticket -> ticket.workspaceId().equals(workspace.id());
    };
  }

  private static boolean isAllowed(
      Access access, Principal principal, @Nullable Workspace workspace) {
    if (principal instanceof Principal.InstanceAdministrator) {
      return true;
    }
    // a method outside of any workspace is for the administrator unless it says otherwise
    return !access.instanceAdministrator()
        && (workspace != null || access.anyWorkspace())
        && principal.role().includes(access.value());
  }

  private static Failure roleMissing(Access access) {
    String needed =
        access.instanceAdministrator()
            ? "the instance administrator's key"
            : "a key of the role " + access.value().spelling();
    return Failure.of(Failure.Kind.FORBIDDEN, "role_missing", "This needs " + needed + ".");
  }

  // one answer for a key that is unknown, revoked or expired: a guess learns nothing
  private static Failure unknown() {
    return Failure.of(
        Failure.Kind.UNAUTHENTICATED, "unauthenticated", "The key is not valid, or no longer.");
  }
}
