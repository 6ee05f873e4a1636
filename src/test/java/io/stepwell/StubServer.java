package io.stepwell;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * An HTTP server on this machine that answers as a test says, or not at all, and knows when a
 * client hangs up. One request a connection.
 */
public final class StubServer implements AutoCloseable {

  /**
   * A request that came.
   *
   * @param headers by lower-case name
   * @param nanos when, by {@link System#nanoTime}
   */
  public record Request(
      String method, String path, Map<String, String> headers, String body, long nanos) {}

  /** An answer. */
  public record Answer(int status, Map<String, String> headers, String body) {
    public static Answer json(String body) {
      return new Answer(200, Map.of("Content-Type", "application/json"), body.replace('\'', '"'));
    }

    public static Answer status(int status) {
      return new Answer(status, Map.of(), "");
    }
  }

  private final ServerSocket server;
  private final Function<Request, Optional<Answer>> script;
  private final List<Request> requests = new CopyOnWriteArrayList<>();
  private final AtomicInteger hungUp = new AtomicInteger();
  private final CountDownLatch released;

  private StubServer(Function<Request, Optional<Answer>> script, boolean holding) {
    this.script = script;
    this.released = new CountDownLatch(holding ? 1 : 0);
    try {
      // every address, since localhost may be of either family
      server = new ServerSocket(0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.ofVirtual().start(this::accept);
  }

  public static StubServer answering(Function<Request, Answer> script) {
    return new StubServer(script.andThen(Optional::of), false);
  }

  /** Takes requests and answers none. */
  public static StubServer silent() {
    return new StubServer(request -> Optional.empty(), false);
  }

  /** Answers 204, but nobody before {@link #release}. */
  public static StubServer holding() {
    return new StubServer(request -> Optional.of(Answer.status(204)), true);
  }

  public void release() {
    released.countDown();
  }

  public String url() {
    return "http://localhost:" + server.getLocalPort() + "/";
  }

  public List<Request> requests() {
    return List.copyOf(requests);
  }

  /** How many clients went away before they had an answer. */
  public int hungUp() {
    return hungUp.get();
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        Thread.ofVirtual().start(() -> serve(socket));
      } catch (IOException e) {
        return; // closed
      }
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      InputStream in = new BufferedInputStream(socket.getInputStream());
      Request request = read(in);
      requests.add(request);
      released.await();
      Optional<Answer> answer = script.apply(request);
      if (answer.isPresent()) {
        socket.getOutputStream().write(bytes(answer.get()));
      } else {
        awaitHangUp(in);
      }
    } catch (IOException e) {
      // the client went away while it was answered, which some tests are about
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void awaitHangUp(InputStream in) {
    try {
      in.transferTo(ByteArrayOutputStream.nullOutputStream());
    } catch (IOException e) {
      // a reset is a way to hang up, too
    }
    hungUp.incrementAndGet();
  }

  private static Request read(InputStream in) throws IOException {
    String[] first = line(in).split(" ", 3);
    Map<String, String> headers = new TreeMap<>();
    for (String line = line(in); !line.isEmpty(); line = line(in)) {
      int colon = line.indexOf(':');
      headers.put(
          line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
    }
    int length = Integer.parseInt(headers.getOrDefault("content-length", "0"));
    String body = new String(in.readNBytes(length), StandardCharsets.UTF_8);
    return new Request(first[0], first[1], headers, body, System.nanoTime());
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new IOException("the connection ended");
      }
      if (c != '\r') {
        line.append((char) c);
      }
    }
    return line.toString();
  }

  private static byte[] bytes(Answer answer) {
    byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
    String headers =
        answer.headers().entrySet().stream()
            .map(header -> header.getKey() + ": " + header.getValue() + "\r\n")
            .collect(Collectors.joining());
    String head =
        "HTTP/1.1 %d X\r\n%sConnection: close\r\nContent-Length: %d\r\n\r\n"
            .formatted(answer.status(), headers, body.length);
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.writeBytes(head.getBytes(StandardCharsets.ISO_8859_1));
    all.writeBytes(body);
    return all.toByteArray();
  }

  @Override
  public void close() {
    release();
    try {
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
