package io.stepwell.workspace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SecretCipherTest {
  private static final UUID WORKSPACE = new UUID(0, 1);
  private final SecretCipher cipher = cipher(0);

  @Test
  void a_value_is_the_same_after_encryption_and_decryption() {
    String value = "pässword 😀";
    assertThat(cipher.decrypt(WORKSPACE, "A", cipher.encrypt(WORKSPACE, "A", value)))
        .isEqualTo(value);
  }

  @Test
  void one_value_never_gives_one_ciphertext_twice() {
    assertThat(cipher.encrypt(WORKSPACE, "A", "x"))
        .isNotEqualTo(cipher.encrypt(WORKSPACE, "A", "x"));
  }

  @Test
  void every_changed_byte_is_noticed() {
    byte[] sealed = cipher.encrypt(WORKSPACE, "A", "value");
    for (int i = 0; i < sealed.length; i++) {
      byte[] changed = sealed.clone();
      changed[i] ^= 1;
      assertThatIllegalStateException().isThrownBy(() -> cipher.decrypt(WORKSPACE, "A", changed));
    }
    assertThatIllegalStateException().isThrownBy(() -> cipher.decrypt(WORKSPACE, "A", new byte[0]));
  }

  @Test
  void a_ciphertext_opens_only_in_its_place_and_with_its_key() {
    byte[] sealed = cipher.encrypt(WORKSPACE, "A", "value");
    assertThatIllegalStateException().isThrownBy(() -> cipher.decrypt(WORKSPACE, "B", sealed));
    assertThatIllegalStateException().isThrownBy(() -> cipher.decrypt(new UUID(0, 2), "A", sealed));
    assertThatIllegalStateException().isThrownBy(() -> cipher(1).decrypt(WORKSPACE, "A", sealed));
  }

  @ParameterizedTest
  @ValueSource(strings = {"short", "!!!!", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=="})
  void a_key_that_is_none_stops_the_start_and_is_not_shown(String key) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new SecretCipher(() -> Optional.of(key)))
        .withMessageContaining("stepwell.secrets.key")
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain(key));
  }

  private static SecretCipher cipher(int fill) {
    byte[] key = new byte[32];
    Arrays.fill(key, (byte) fill);
    return new SecretCipher(() -> Optional.of(Base64.getEncoder().encodeToString(key)));
  }
}
