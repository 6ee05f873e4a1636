package load;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * One kept HTTP/1.1 connection on loopback that costs as little processor time as it can: a request
 * is bytes made once, an answer is one or two reads. Not thread-safe.
 */
public final class HttpConnection implements Closeable {
  private static final int TIMEOUT_MS = 120_000;

  private final Socket socket;
  private final InputStream in;
  private final OutputStream out;
  private byte[] buffer = new byte[16 * 1024];
  private int at;
  private int filled;

  private HttpConnection(Socket socket) throws IOException {
    this.socket = socket;
    this.in = socket.getInputStream();
    this.out = socket.getOutputStream();
  }

  /** An answer; {@code text} is its body. */
  public record Answer(int status, String text) {
    /** This answer, when it has that status; an error that quotes it otherwise. */
    public Answer expect(int wanted) {
      if (status != wanted) {
        throw new IllegalStateException("expected " + wanted + ", got " + status + ": " + text);
      }
      return this;
    }

    /** The first string member of that name. */
    public String member(String name) {
      int start = text.indexOf("\"" + name + "\":\"") + name.length() + 4;
      return text.substring(start, text.indexOf('"', start));
    }

    /** The first whole number member of that name behind the first occurrence of {@code after}. */
    public long number(String after, String name) {
      int start = text.indexOf("\"" + name + "\":", text.indexOf(after)) + name.length() + 3;
      int end = start;
      while (Character.isDigit(text.charAt(end))) {
        end++;
      }
      return Long.parseLong(text, start, end, 10);
    }
  }

  public static HttpConnection open(int port) throws IOException {
    Socket socket = new Socket();
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(TIMEOUT_MS);
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), TIMEOUT_MS);
    return new HttpConnection(socket);
  }

  public static byte[] get(String path, String key) {
    return request("GET", path, key, "", "");
  }

  public static byte[] post(String path, String key, String headers, String body) {
    return request("POST", path, key, headers, body);
  }

  /** The bytes of a request; {@code headers} are whole lines, each with its line end. */
  public static byte[] request(
      String method, String path, String key, String headers, String body) {
    String head = method + " " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\n" + headers;
    if (!key.isEmpty()) {
      head += "Authorization: Bearer " + key + "\r\n";
    }
    if (!body.isEmpty()) {
      head += "Content-Type: application/json\r\n";
      head += "Content-Length: " + body.getBytes(StandardCharsets.UTF_8).length + "\r\n";
    } else if (!method.equals("GET")) {
      head += "Content-Length: 0\r\n";
    }
    return (head + "\r\n" + body).getBytes(StandardCharsets.UTF_8);
  }

  /** Sends a request and returns its answer with the body. */
  public Answer exchange(byte[] request) throws IOException {
    int head = sendAndReadHead(request);
    int status = status();
    byte[] body = body(head);
    return new Answer(status, new String(body, StandardCharsets.UTF_8));
  }

  /** Sends a request and returns the status of its answer, whose body is read and dropped. */
  public int exchangeStatus(byte[] request) throws IOException {
    int head = sendAndReadHead(request);
    int status = status();
    body(head);
    return status;
  }

  private int sendAndReadHead(byte[] request) throws IOException {
    out.write(request);
    filled = 0;
    int scanned = 0;
    while (true) {
      fill();
      for (int i = Math.max(3, scanned); i < filled; i++) {
        if (buffer[i] == '\n' && buffer[i - 1] == '\r' && buffer[i - 2] == '\n') {
          return i + 1;
        }
      }
      scanned = filled;
    }
  }

  private int status() {
    return (buffer[9] - '0') * 100 + (buffer[10] - '0') * 10 + (buffer[11] - '0');
  }

  private byte[] body(int head) throws IOException {
    int length = contentLength(head);
    if (length >= 0) {
      while (filled < head + length) {
        fill();
      }
      return Arrays.copyOfRange(buffer, head, head + length);
    }
    return status() == 204 ? new byte[0] : chunks(head);
  }

  /**
   * What was received goes out of the buffer piece by piece, or a large answer costs its square.
   */
  private byte[] chunks(int head) throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    at = head;
    while (true) {
      fillIfEmpty();
      int lineEnd = lineEnd(at);
      int left =
          Integer.parseInt(new String(buffer, at, lineEnd - at, StandardCharsets.US_ASCII), 16);
      at = lineEnd + 2;
      boolean last = left == 0;
      while (left > 0) {
        fillIfEmpty();
        int size = Math.min(left, filled - at);
        body.write(buffer, at, size);
        at += size;
        left -= size;
      }
      for (int i = 0; i < 2; i++, at++) {
        fillIfEmpty();
      }
      if (last) {
        return body.toByteArray();
      }
    }
  }

  private void fillIfEmpty() throws IOException {
    while (at >= filled) {
      at -= filled;
      filled = 0;
      fill();
    }
  }

  private int lineEnd(int from) throws IOException {
    for (int i = from; ; i++) {
      while (i + 1 >= filled) {
        fill();
      }
      if (buffer[i] == '\r') {
        return i;
      }
    }
  }

  /** The value of Content-Length, or -1. The name is looked for without regard to case. */
  private int contentLength(int head) {
    byte[] name = {'c', 'o', 'n', 't', 'e', 'n', 't', '-', 'l', 'e', 'n', 'g', 't', 'h', ':'};
    for (int line = 0; line < head; line++) {
      if (line > 0 && buffer[line - 1] != '\n') {
        continue;
      }
      int matched = 0;
      while (matched < name.length && (buffer[line + matched] | 0x20) == (name[matched] | 0x20)) {
        matched++;
      }
      if (matched == name.length) {
        int value = 0;
        for (int i = line + matched; buffer[i] != '\r'; i++) {
          value = buffer[i] == ' ' ? value : value * 10 + buffer[i] - '0';
        }
        return value;
      }
    }
    return -1;
  }

  private void fill() throws IOException {
    if (filled == buffer.length) {
      buffer = Arrays.copyOf(buffer, buffer.length * 2);
    }
    int read = in.read(buffer, filled, buffer.length - filled);
    if (read < 0) {
      throw new EOFException("the service closed the connection");
    }
    filled += read;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
