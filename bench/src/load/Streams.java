package load;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Many server-sent event streams that one thread reads. Counts what comes, and how long after its
 * {@code finishedAt} each finished step comes.
 */
public final class Streams implements Closeable {
  private static final Pattern FINISHED_STEP =
      Pattern.compile("\"status\":\"COMPLETED\",\"attempts\".*\"finishedAt\":\"([^\"]+)\"");

  private final Selector selector = Selector.open();
  private final ByteBuffer bytes = ByteBuffer.allocate(64 * 1024);
  private final Latencies finishedSteps = new Latencies();
  private final AtomicInteger connected = new AtomicInteger();
  private final AtomicInteger completed = new AtomicInteger();
  private final Thread reader = new Thread(this::read, "streams");
  private volatile boolean closing;

  public Streams() throws IOException {
    reader.start();
  }

  /** Opens one more; the request must ask for a stream. */
  public void open(int port, byte[] request) throws IOException {
    SocketChannel channel =
        SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    channel.write(ByteBuffer.wrap(request));
    channel.configureBlocking(false);
    channel.register(selector, SelectionKey.OP_READ, new StringBuilder());
    selector.wakeup();
  }

  /** How many have had their first event. */
  public int connected() {
    return connected.get();
  }

  /** How many have had their last event. */
  public int completed() {
    return completed.get();
  }

  /** Ends the reading and returns the time from finishedAt to here of every finished step. */
  public Latencies finishedSteps() throws InterruptedException {
    closing = true;
    selector.wakeup();
    reader.join(TimeUnit.SECONDS.toMillis(10));
    return finishedSteps;
  }

  private void read() {
    try {
      while (!closing) {
        selector.select(this::readable);
      }
    } catch (IOException failure) {
      throw new IllegalStateException("streams can no longer be read", failure);
    }
  }

  private void readable(SelectionKey key) {
    try {
      bytes.clear();
      if (((SocketChannel) key.channel()).read(bytes) < 0) {
        key.channel().close();
        return;
      }
      long now = System.currentTimeMillis();
      StringBuilder text = (StringBuilder) key.attachment();
      text.append(StandardCharsets.ISO_8859_1.decode(bytes.flip()));
      for (int end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
        event(text.substring(0, end), now);
        text.delete(0, end + 2);
      }
      text.trimToSize();
    } catch (IOException reset) {
      key.cancel();
    }
  }

  private void event(String event, long now) {
    if (event.contains("event:connected")) {
      connected.incrementAndGet();
    } else if (event.contains("event:complete\n")) {
      completed.incrementAndGet();
    } else if (event.contains("event:step")) {
      Matcher finished = FINISHED_STEP.matcher(event);
      if (finished.find()) {
        long millis = now - Instant.parse(finished.group(1)).toEpochMilli();
        finishedSteps.add(TimeUnit.MILLISECONDS.toNanos(millis));
      }
    }
  }

  @Override
  public void close() throws IOException {
    closing = true;
    for (SelectionKey key : selector.keys()) {
      key.channel().close();
    }
    selector.close();
  }
}
