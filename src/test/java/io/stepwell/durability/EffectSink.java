package io.stepwell.durability;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The outside world of the steps: an HTTP server that writes down every call, and answers as a test
 * tells it. It notices when a caller goes away before it has the answer.
 *
 * <p>Each call is answered with {@code {"call": n}}, n counting the calls of its path.
 */
public final class EffectSink implements AutoCloseable {
  private static final int LOOK_MILLIS = 20;

  private final ServerSocket server;
  private final Optional<FileChannel> record;
  private final List<Call> calls = new CopyOnWriteArrayList<>();
  private final Map<String, AtomicInteger> counts = new ConcurrentHashMap<>();
  private final Map<String, Boolean> held = new ConcurrentHashMap<>();
  private final Map<String, Duration> delays = new ConcurrentHashMap<>();
  private final Map<String, AtomicInteger> refusals = new ConcurrentHashMap<>();
  private final Map<String, IntConsumer> blows = new ConcurrentHashMap<>();

  private EffectSink(ServerSocket server, Optional<FileChannel> record) {
    this.server = server;
    this.record = record;
  }

  static EffectSink open() throws IOException {
    return open(Optional.empty());
  }

  /** One that has every call in a file, durably, before anything is answered. */
  public static EffectSink open(Path record) throws IOException {
    Files.createDirectories(record.toAbsolutePath().getParent());
    return open(
        Optional.of(
            FileChannel.open(
                record,
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE,
                StandardOpenOption.TRUNCATE_EXISTING)));
  }

  private static EffectSink open(Optional<FileChannel> record) throws IOException {
    ServerSocket server = new ServerSocket(0, 500, InetAddress.getLoopbackAddress());
    EffectSink sink = new EffectSink(server, record);
    Thread.ofVirtual().name("sink").start(sink::accept);
    return sink;
  }

  /**
   * A call as it came in.
   *
   * @param key the idempotency key, {@code <executionId>:<step name>}
   * @param traceParent the header of this name
   * @param at when it had arrived
   */
  public record Call(
      String path, String key, String traceParent, String body, Instant at, End end) {
    boolean abandoned() {
      return end.abandoned != null;
    }

    /** When the caller was seen to be gone. */
    Instant abandonedAt() {
      if (end.abandoned == null) {
        throw new AssertionError(this + " was not abandoned");
      }
      return end.abandoned;
    }

    /** Whether the answer asks for another attempt. */
    public boolean refused() {
      return end.refused;
    }
  }

  /** How a call went on. */
  static final class End {
    private volatile @Nullable Instant abandoned;
    private volatile boolean refused;
  }

  public String url(String path) {
    return "http://127.0.0.1:" + server.getLocalPort() + path;
  }

  /** From now on calls of the path get no answer until {@link #release}. */
  void hold(String path) {
    held.put(path, true);
  }

  void release(String path) {
    held.remove(path);
  }

  /** From now on calls of the path take this long. */
  public void delay(String path, Duration duration) {
    delays.put(path, duration);
  }

  /** The next {@code times} calls of the path are answered with 503. */
  public void refuse(String path, int times) {
    refusals.put(path, new AtomicInteger(times));
  }

  /** From now on each call of the path first does this with the port that it comes from. */
  public void strike(String path, IntConsumer blow) {
    blows.put(path, blow);
  }

  /** All calls so far, in the order of their arrival. */
  public List<Call> calls() {
    return List.copyOf(calls);
  }

  /** The calls of a step of an execution, the first one first. */
  List<Call> calls(String executionId, String step) {
    return calls.stream().filter(call -> call.key().equals(executionId + ":" + step)).toList();
  }

  List<Call> callsOf(String path) {
    return calls.stream().filter(call -> call.path().equals(path)).toList();
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        Thread.ofVirtual().name("sink-call").start(() -> serve(socket));
      } catch (IOException e) {
        // closed: the loop ends
      }
    }
  }

  private void serve(Socket socket) {
    try (socket;
        InputStream in = new BufferedInputStream(socket.getInputStream())) {
      socket.setTcpNoDelay(true);
      String line = line(in);
      while (!line.isEmpty()) {
        answer(socket, in, path(line));
        line = line(in);
      }
    } catch (IOException e) {
      // the caller is gone, or the test is over
    }
  }

  /** The path of a request line: what stands between its two spaces. */
  private static String path(String requestLine) {
    return requestLine.substring(requestLine.indexOf(' ') + 1, requestLine.lastIndexOf(' '));
  }

  private void answer(Socket socket, InputStream in, String path) throws IOException {
    Map<String, String> headers = headers(in);
    int length = Integer.parseInt(headers.getOrDefault("content-length", "0"));
    String body = new String(in.readNBytes(length), StandardCharsets.UTF_8);
    int number = counts.computeIfAbsent(path, any -> new AtomicInteger()).incrementAndGet();
    Call call =
        new Call(
            path,
            headers.getOrDefault("idempotency-key", ""),
            headers.getOrDefault("traceparent", ""),
            body,
            Instant.now(),
            new End());
    write(call);
    calls.add(call);
    blows.getOrDefault(path, port -> {}).accept(socket.getPort());
    if (!await(socket, in, path, call)) {
      throw new IOException("the caller is gone");
    }
    AtomicInteger refusal = refusals.get(path);
    boolean refused = refusal != null && refusal.getAndDecrement() > 0;
    call.end().refused = refused;
    byte[] answer = ("{\"call\": " + number + "}").getBytes(StandardCharsets.UTF_8);
    String head =
        "HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
            .formatted(refused ? "503 Service Unavailable" : "200 OK", answer.length);
    socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
    socket.getOutputStream().write(answer);
    socket.getOutputStream().flush();
  }

  private void write(Call call) throws IOException {
    if (record.isEmpty()) {
      return;
    }
    FileChannel file = record.get();
    String line = "%s %s %s%n".formatted(call.at(), call.path(), call.key());
    synchronized (file) {
      ByteBuffer bytes = ByteBuffer.wrap(line.getBytes(StandardCharsets.UTF_8));
      while (bytes.hasRemaining()) {
        file.write(bytes);
      }
    }
    file.force(false);
  }

  /** Waits as long as the path asks for; {@code false} when the caller went away meanwhile. */
  private boolean await(Socket socket, InputStream in, String path, Call call) throws IOException {
    Instant until = call.at().plus(delays.getOrDefault(path, Duration.ZERO));
    socket.setSoTimeout(LOOK_MILLIS);
    try {
      while (held.containsKey(path) || Instant.now().isBefore(until)) {
        if (gone(in)) {
          call.end().abandoned = Instant.now();
          return false;
        }
      }
      return true;
    } finally {
      socket.setSoTimeout(0);
    }
  }

  /** Whether the other side has closed the connection; takes a moment when it has not. */
  private static boolean gone(InputStream in) {
    in.mark(1);
    try {
      if (in.read() < 0) {
        return true;
      }
      in.reset();
      throw new IllegalStateException("a request before the answer to the last one");
    } catch (SocketTimeoutException stillThere) {
      return false;
    } catch (IOException reset) {
      return true;
    }
  }

  private static Map<String, String> headers(InputStream in) throws IOException {
    Map<String, String> headers = new HashMap<>();
    String line = line(in);
    while (!line.isEmpty()) {
      int colon = line.indexOf(':');
      headers.put(
          line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
      line = line(in);
    }
    return headers;
  }

  /** The next line; empty also at the end. */
  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    int next = in.read();
    while (next >= 0 && next != '\n') {
      if (next != '\r') {
        line.append((char) next);
      }
      next = in.read();
    }
    return line.toString();
  }

  @Override
  public void close() {
    try {
      server.close();
      if (record.isPresent()) {
        record.get().close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
