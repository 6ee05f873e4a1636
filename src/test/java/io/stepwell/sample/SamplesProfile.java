package io.stepwell.sample;

import io.quarkus.test.junit.QuarkusTestProfile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.util.Map;

/** The service as development mode has it: with the samples, and with the key of the README. */
public class SamplesProfile implements QuarkusTestProfile {
  static final String KEY = "stepwell-development-key-not-for-production";

  @Override
  public Map<String, String> getConfigOverrides() {
    // the samples name the port, so it has to be known before the start
    String port = Integer.toString(freePort());
    return Map.of(
        "stepwell.samples.enabled",
        "true",
        "stepwell.samples.url",
        "http://localhost:" + port,
        "quarkus.http.test-port",
        port,
        "stepwell.bootstrap.admin-key",
        KEY);
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
