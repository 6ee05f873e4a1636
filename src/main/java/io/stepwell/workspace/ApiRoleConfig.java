package io.stepwell.workspace;

import io.smallrye.config.ConfigMapping;
import java.util.Optional;

/** The role of requests in the database. */
@ConfigMapping(prefix = "stepwell.database.api")
interface ApiRoleConfig {
  /** Empty where requests have the role that owns the tables, which no policy holds. */
  Optional<String> username();

  Optional<String> password();
}
