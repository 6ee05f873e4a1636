package io.stepwell.workspace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.InstantSource;
import java.util.Optional;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

class AuthenticatorTest {
  /** Nobody looks a key up. */
  private static final DataSource NONE = new PGSimpleDataSource();

  @Test
  void an_administrators_key_of_less_than_sixteen_characters_stops_the_start() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> authenticator(Optional.of("fifteen-letters")))
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("fifteen-letters"));
  }

  @Test
  void without_an_administrators_key_nobody_is_the_administrator() {
    Authenticator authenticator = authenticator(Optional.empty());
    assertThat(authenticator.authenticate("")).isEmpty();
    assertThat(authenticator.authenticate("sixteen-letters!")).isEmpty();
  }

  @Test
  void only_the_exact_key_is_the_administrators() {
    Authenticator authenticator = authenticator(Optional.of("sixteen-letters!"));
    assertThat(authenticator.authenticate("sixteen-letters!"))
        .containsInstanceOf(Principal.InstanceAdministrator.class);
    assertThat(authenticator.authenticate("sixteen-letters")).isEmpty();
    assertThat(authenticator.authenticate("Sixteen-letters!")).isEmpty();
  }

  private static Authenticator authenticator(Optional<String> adminKey) {
    return new Authenticator(() -> adminKey, NONE, InstantSource.system(), new KeyUse(NONE));
  }
}
