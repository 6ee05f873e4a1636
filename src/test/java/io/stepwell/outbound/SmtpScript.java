package io.stepwell.outbound;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * A mail server that offers STARTTLS where it has a certificate, and answers RCPT as it is told.
 */
record SmtpScript(String recipientReply, @Nullable SSLContext certificate)
    implements RawServer.Script {

  @Override
  public void run(Socket socket) throws IOException {
    RawServer.write(socket, "220 test ESMTP\r\n");
    serve(socket, certificate != null);
  }

  private void serve(Socket socket, boolean offersTls) throws IOException {
    var lines =
        new BufferedReader(
            new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      switch (line.split("[ :]", 0)[0]) {
        case "EHLO" ->
            RawServer.write(socket, offersTls ? "250-test\r\n250 STARTTLS\r\n" : "250 test\r\n");
        case "STARTTLS" -> {
          RawServer.write(socket, "220 go\r\n");
          serve(secured(socket, Objects.requireNonNull(certificate)), false);
          return;
        }
        case "RCPT" -> RawServer.write(socket, recipientReply + "\r\n");
        case "DATA" -> {
          RawServer.write(socket, "354 go\r\n");
          while (!".".equals(lines.readLine())) {
            // to the end of the mail
          }
          RawServer.write(socket, "250 taken\r\n");
        }
        default -> RawServer.write(socket, "250 ok\r\n");
      }
    }
  }

  private static SSLSocket secured(Socket socket, SSLContext certificate) throws IOException {
    var secured =
        (SSLSocket)
            certificate.getSocketFactory().createSocket(socket, null, socket.getPort(), true);
    secured.setUseClientMode(false);
    secured.startHandshake();
    return secured;
  }
}
