import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What call_api calls: answers every request at once with a little JSON, one for {@code /large}
 * with 4 MB, and one for {@code /never} not at all. Prints its port.
 */
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

  private static final byte[] LARGE = large(4_000_000);

  private static final int LONGEST_REQUEST = 16 * 1024;
  private static final Pattern CONTENT_LENGTH =
      Pattern.compile("\\ncontent-length: *(\\d{1,9})", Pattern.CASE_INSENSITIVE);

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
      InputStream in = client.getInputStream();
      byte[] received = new byte[LONGEST_REQUEST];
      int length = 0;
      for (int read = in.read(received);
          read >= 0;
          read = in.read(received, length, room(length))) {
        length += read;
        if (isWhole(received, length)) {
          answer(client, new String(received, 0, length, StandardCharsets.ISO_8859_1));
          length = 0;
        }
      }
    } catch (IOException gone) {
      // the service closed an unused connection
    }
  }

  private static void answer(Socket client, String request) throws IOException {
    String path = request.split(" ", 3)[1];
    if (!path.equals("/never")) {
      client.getOutputStream().write(path.equals("/large") ? LARGE : ANSWER);
    }
  }

  private static byte[] large(int bytes) {
    String head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n";
    String body = "\"" + "x".repeat(bytes - 2) + "\"";
    return (head.formatted(bytes) + body).getBytes(StandardCharsets.US_ASCII);
  }

  private static int room(int length) throws IOException {
    if (length == LONGEST_REQUEST) {
      throw new IOException("a request is longer than " + LONGEST_REQUEST + " bytes");
    }
    return LONGEST_REQUEST - length;
  }

  /**
   * Whoever calls awaits the answer before the next request, so that nothing follows a whole one.
   */
  private static boolean isWhole(byte[] received, int length) {
    String text = new String(received, 0, length, StandardCharsets.ISO_8859_1);
    int end = text.indexOf("\r\n\r\n");
    if (end < 0) {
      return false;
    }
    Matcher body = CONTENT_LENGTH.matcher(text).region(0, end);
    return length >= end + 4 + (body.find() ? Integer.parseInt(body.group(1)) : 0);
  }
}
