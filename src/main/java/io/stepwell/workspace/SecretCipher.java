package io.stepwell.workspace;

import io.quarkus.runtime.Startup;
import io.stepwell.kernel.Failure;
import jakarta.inject.Singleton;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.UUID;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Encrypts secrets with AES-256-GCM, each bound to its workspace and name: a ciphertext that is
 * moved to another row does not decrypt.
 *
 * <p>A ciphertext is one byte of format, twelve of nonce, then the sealed text. Thread-safe.
 */
@Startup
@Singleton
public class SecretCipher {
  private static final byte FORMAT = 1;
  private static final int KEY_BYTES = 32;
  private static final int NONCE_BYTES = 12;
  private static final int TAG_BITS = 128;

  private final SecureRandom random = new SecureRandom();
  private final @Nullable SecretKeySpec key;

  SecretCipher(SecretsConfig config) {
    this.key = config.key().map(SecretCipher::parse).orElse(null);
  }

  private static SecretKeySpec parse(String text) {
    try {
      byte[] bytes = Base64.getDecoder().decode(text.strip());
      if (bytes.length == KEY_BYTES) {
        return new SecretKeySpec(bytes, "AES");
      }
    } catch (IllegalArgumentException e) {
      // falls through to the one message, which must not show the key
    }
    throw new IllegalArgumentException("stepwell.secrets.key is not 32 bytes in base64");
  }

  boolean isConfigured() {
    return key != null;
  }

  byte[] encrypt(UUID workspaceId, String name, String value) {
    byte[] nonce = new byte[NONCE_BYTES];
    random.nextBytes(nonce);
    byte[] sealed =
        run(
            Cipher.ENCRYPT_MODE,
            nonce,
            workspaceId,
            name,
            ByteBuffer.wrap(value.getBytes(StandardCharsets.UTF_8)));
    return ByteBuffer.allocate(1 + NONCE_BYTES + sealed.length)
        .put(FORMAT)
        .put(nonce)
        .put(sealed)
        .array();
  }

  /**
   * @throws UnreadableSecret when it was encrypted with another key, or tampered with
   */
  String decrypt(UUID workspaceId, String name, byte[] ciphertext) {
    ByteBuffer bytes = ByteBuffer.wrap(ciphertext);
    byte[] nonce = new byte[NONCE_BYTES];
    if (bytes.remaining() <= NONCE_BYTES || bytes.get() != FORMAT) {
      throw new UnreadableSecret("the secret " + name + " has an unknown format", null);
    }
    bytes.get(nonce);
    return new String(
        run(Cipher.DECRYPT_MODE, nonce, workspaceId, name, bytes), StandardCharsets.UTF_8);
  }

  private byte[] run(int mode, byte[] nonce, UUID workspaceId, String name, ByteBuffer input) {
    if (key == null) {
      throw Failure.conflict(
          "secrets_not_configured", "The operator has not set stepwell.secrets.key.");
    }
    try {
      Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
      cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
      cipher.updateAAD((workspaceId + ":" + name).getBytes(StandardCharsets.UTF_8));
      byte[] bytes = new byte[input.remaining()];
      input.get(bytes);
      return cipher.doFinal(bytes);
    } catch (GeneralSecurityException e) {
      throw new UnreadableSecret(
          "the secret " + name + " does not open: was stepwell.secrets.key changed?", e);
    }
  }
}
