import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** What call_api calls: answers every request at once with a little JSON. Prints its port. */
final class Stub {
  private static final byte[] ANSWER =
      """
      HTTP/1.1 201 Created\r
      Content-Type: application/json\r
      Content-Length: 19\r
      \r
      {"accepted":  true}\
      """
          .getBytes(StandardCharsets.US_ASCII);

  private Stub() {}

  public static void main(String[] arguments) throws IOException {
    try (ServerSocket server = new ServerSocket(0, 1024, InetAddress.getLoopbackAddress())) {
      System.out.println(server.getLocalPort());
      while (true) {
        Socket client = server.accept();
        Thread.ofPlatform().daemon().start(() -> serve(client));
      }
    }
  }

  private static void serve(Socket client) {
    try (client) {
      client.setTcpNoDelay(true);
      InputStream in = new BufferedInputStream(client.getInputStream());
      for (int length = head(in); length >= 0; length = head(in)) {
        in.skipNBytes(length);
        client.getOutputStream().write(ANSWER);
      }
    } catch (IOException gone) {
      // the service closed an unused connection
    }
  }

  /**
   * Reads to the empty line; returns the length of the body, or -1 when there is no more request.
   */
  private static int head(InputStream in) throws IOException {
    int length = 0;
    StringBuilder line = new StringBuilder();
    for (int next = in.read(); next >= 0; next = in.read()) {
      if (next != '\n') {
        line.append((char) next);
        continue;
      }
      String header = line.toString().trim().toLowerCase(Locale.ROOT);
      if (header.isEmpty()) {
        return length;
      }
      if (header.startsWith("content-length:")) {
        length = Integer.parseInt(header.substring(15).trim());
      }
      line.setLength(0);
    }
    return -1;
  }
}
