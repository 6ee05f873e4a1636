package io.stepwell.outbound;

import io.vertx.core.net.TrustOptions;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Collection;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/** The JDK's authorities together with those of the operator's PEM file. */
final class TrustedAuthorities {

  private TrustedAuthorities() {}

  /**
   * Reads the file and adds the JDK's own.
   *
   * @throws IllegalArgumentException when the file cannot be read or holds no certificate
   */
  static TrustOptions with(Path pemFile) {
    try {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      int alias = 0;
      for (X509Certificate known : authorities(factory(null).getTrustManagers())) {
        store.setCertificateEntry("jdk-" + alias++, known);
      }
      for (Certificate added : read(pemFile)) {
        store.setCertificateEntry("operator-" + alias++, added);
      }
      return TrustOptions.wrap(x509(factory(store).getTrustManagers()));
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalArgumentException(
          "stepwell.outbound.tls-ca-file: cannot read certificates from " + pemFile, e);
    }
  }

  private static Collection<? extends Certificate> read(Path pemFile)
      throws IOException, GeneralSecurityException {
    try (InputStream in = Files.newInputStream(pemFile)) {
      var certificates = CertificateFactory.getInstance("X.509").generateCertificates(in);
      if (certificates.isEmpty()) {
        throw new IOException("no certificate in it");
      }
      return certificates;
    }
  }

  private static TrustManagerFactory factory(@Nullable KeyStore store)
      throws GeneralSecurityException {
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    return factory;
  }

  private static X509Certificate[] authorities(TrustManager[] managers) {
    return x509(managers).getAcceptedIssuers();
  }

  private static X509TrustManager x509(TrustManager[] managers) {
    return Arrays.stream(managers)
        .filter(X509TrustManager.class::isInstance)
        .map(X509TrustManager.class::cast)
        .findFirst()
        .orElseThrow();
  }
}
