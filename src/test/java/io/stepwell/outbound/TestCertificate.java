package io.stepwell.outbound;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** A fresh self-signed certificate for one name, made by the JDK's keytool. */
record TestCertificate(SSLContext server, Path pem) {

  /** Makes one; {@code names} is as in {@code dns:secure.test,ip:127.0.0.1}. */
  static TestCertificate of(Path folder, String names) throws Exception {
    Path store = Files.createTempDirectory(folder, "certificate").resolve("server.p12");
    String keytool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
    Process process =
        new ProcessBuilder(
                (keytool
                        + " -genkeypair -alias server -keyalg EC -dname CN=test -validity 2"
                        + " -storetype PKCS12 -storepass changeit -ext san="
                        + names
                        + " -keystore "
                        + store)
                    .split(" "))
            .inheritIO()
            .start();
    if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
      throw new IllegalStateException("keytool failed");
    }
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      keys.load(in, "changeit".toCharArray());
    }
    KeyManagerFactory factory =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(keys, "changeit".toCharArray());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(factory.getKeyManagers(), null, null);
    Path pem = store.resolveSibling("server.pem");
    Files.writeString(pem, pem(keys.getCertificate("server").getEncoded()));
    return new TestCertificate(context, pem);
  }

  private static String pem(byte[] certificate) {
    return "-----BEGIN CERTIFICATE-----\n"
        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(certificate)
        + "\n-----END CERTIFICATE-----\n";
  }
}
