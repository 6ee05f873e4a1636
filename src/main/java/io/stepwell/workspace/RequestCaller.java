package io.stepwell.workspace;

import jakarta.enterprise.context.RequestScoped;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The caller of the present request, once the access filter has let it pass. */
@RequestScoped
public class RequestCaller implements Caller {
  private @Nullable Principal principal;
  private @Nullable Workspace workspace;

  void admit(Principal principal, @Nullable Workspace workspace) {
    this.principal = principal;
    this.workspace = workspace;
  }

  @Override
  public UUID workspaceId() {
    return workspace().id();
  }

  @Override
  public String workspaceSlug() {
    return workspace().slug();
  }

  @Override
  public String userId() {
    return principal().userId();
  }

  @Override
  public Role role() {
    return principal().role();
  }

  @Override
  public boolean instanceAdministrator() {
    return principal() instanceof Principal.InstanceAdministrator;
  }

  /** The workspace of the caller's key, whatever the path; the instance administrator has none. */
  Optional<UUID> ownWorkspaceId() {
    return switch (principal()) {
      case Principal.InstanceAdministrator admin -> Optional.empty();
      case Principal.KeyHolder key -> Optional.of(key.workspaceId());
      case Principal.TicketHolder ticket -> Optional.of(ticket.workspaceId());
    };
  }

  /** The workspace that the request is for: that of the path, else that of the caller's key. */
  Optional<UUID> effectiveWorkspaceId() {
    if (workspace != null) {
      return Optional.of(workspace.id());
    }
    return principal == null ? Optional.empty() : ownWorkspaceId();
  }

  private Principal principal() {
    if (principal == null) {
      throw new IllegalStateException("no request has passed the access filter here");
    }
    return principal;
  }

  private Workspace workspace() {
    if (workspace == null) {
      throw new IllegalStateException("the path names no workspace");
    }
    return workspace;
  }
}
