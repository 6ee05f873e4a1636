package io.stepwell.workspace;

import io.quarkus.arc.Unremovable;
import io.quarkus.credentials.CredentialsProvider;
import jakarta.inject.Named;
import jakarta.inject.Singleton;
import java.util.Map;

/**
 * Has the pool of requests log in as the API's role, where the operator has one. The other pools
 * log in as the owner of the tables.
 */
@Singleton
@Unremovable
@Named(ApiRoleLogin.NAME)
class ApiRoleLogin implements CredentialsProvider {
  /** As {@code application.properties} names it. */
  static final String NAME = "api-role";

  private final ApiRoleConfig config;

  ApiRoleLogin(ApiRoleConfig config) {
    this.config = config;
  }

  /** What it gives takes the place of the data source's own user; nothing leaves that. */
  @Override
  public Map<String, String> getCredentials(String name) {
    return config
        .username()
        .map(username ->
            Map.of(
                USER_PROPERTY_NAME, username, PASSWORD_PROPERTY_NAME, config.password().orElse("")))
        .orElse(Map.of());
  }
}
