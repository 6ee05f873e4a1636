package io.stepwell.outbound;

import io.netty.handler.codec.TooLongFrameException;
import io.stepwell.kernel.Room;
import io.stepwell.outbound.OutboundException.Reason;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * One request on one connection, awaited by one thread, sent at most once.
 *
 * <p>The event loop feeds {@link #outcome}; whoever completes it first wins, and every end but a
 * complete response resets the connection.
 */
final class Exchange {
  /** The body, its copy, its characters, its text and that of its record. */
  static final int READING = 8;

  private final Hop hop;
  private final long maxBytes;
  private final Context loop;
  private final CompletableFuture<OutboundResponse> outcome = new CompletableFuture<>();
  // bytes of a large body, once it turned out to be one; or the end, when it did not
  private final CompletableFuture<Long> large = new CompletableFuture<>();
  private final Buffer received = Buffer.buffer();
  private volatile @Nullable HttpClientRequest request;
  // touched on the loop only
  private @Nullable HttpClientResponse response;
  private boolean ended;

  Exchange(Hop hop, long maxBytes, Context loop) {
    this.hop = hop;
    this.maxBytes = maxBytes;
    this.loop = loop;
  }

  OutboundResponse run(HttpClient client, RequestOptions options, Room room, Deadline deadline)
      throws OutboundException, InterruptedException {
    var _ = outcome.whenComplete((response, failure) -> large.complete(0L));
    options.setConnectTimeout(deadline.remainingMillis());
    loop.runOnContext(nothing -> connect(client, options));
    try {
      long bytes = large.get(deadline.remainingNanos(), TimeUnit.NANOSECONDS);
      if (bytes > 0) {
        room.take(bytes * READING);
        loop.runOnContext(nothing -> resume());
      }
      return outcome.get(deadline.remainingNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw new OutboundException(Reason.TIMEOUT, hop.target().host() + " took too long to answer");
    } catch (ExecutionException e) {
      throw translated(Objects.requireNonNull(e.getCause()));
    } finally {
      abandon();
    }
  }

  private void connect(HttpClient client, RequestOptions options) {
    try {
      client.request(options).onComplete(this::send, this::end);
    } catch (RuntimeException refused) {
      // nobody else would tell the thread that waits
      end(refused);
    }
  }

  private void send(HttpClientRequest connected) {
    request = connected;
    // race: abandoned before there was a request to reset
    if (outcome.isDone()) {
      connected.reset();
      return;
    }
    byte[] body = hop.body();
    if (body == null && !hasBody(connected.getMethod())) {
      connected.send().onComplete(this::receive, this::end);
    } else {
      connected
          .send(body == null ? Buffer.buffer() : Buffer.buffer(body))
          .onComplete(this::receive, this::end);
    }
  }

  // RFC 9110 section 8.6: these say Content-Length: 0 where they have none
  private static boolean hasBody(HttpMethod method) {
    return method.equals(HttpMethod.POST)
        || method.equals(HttpMethod.PUT)
        || method.equals(HttpMethod.PATCH);
  }

  private void receive(HttpClientResponse response) {
    this.response = response;
    response.exceptionHandler(this::end);
    response.handler(this::append);
    response.endHandler(nothing -> complete(response));
  }

  private void complete(HttpClientResponse response) {
    ended = true;
    outcome.complete(
        new OutboundResponse(response.statusCode(), headers(response), received.getBytes(), 0));
  }

  private void append(Buffer chunk) {
    if (received.length() + (long) chunk.length() > maxBytes) {
      end(tooLarge(maxBytes));
      abandon();
    } else if (!outcome.isDone()) {
      received.appendBuffer(chunk);
      if (received.length() > OutboundHttpClient.LARGE_BODY && !large.isDone()) {
        awaitRoom();
      }
    }
  }

  static OutboundException tooLarge(long maxBytes) {
    return new OutboundException(
        Reason.RESPONSE_TOO_LARGE, "the response is larger than " + maxBytes + " bytes");
  }

  private void awaitRoom() {
    HttpClientResponse incoming = Objects.requireNonNull(response);
    incoming.pause();
    long announced = announced(incoming);
    large.complete(announced > 0 && announced < maxBytes ? announced : maxBytes);
  }

  private static long announced(HttpClientResponse response) {
    try {
      return Long.parseLong(String.valueOf(response.getHeader("content-length")));
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  private void resume() {
    // race: abandoned meanwhile
    if (!outcome.isDone()) {
      Objects.requireNonNull(response).resume();
    }
  }

  private void end(Throwable failure) {
    outcome.completeExceptionally(failure);
  }

  /** Makes sure that nothing more is sent or received; harmless after a complete response. */
  private void abandon() {
    outcome.cancel(false);
    HttpClientRequest sent = request;
    if (outcome.isCompletedExceptionally() && sent != null) {
      loop.runOnContext(nothing -> reset(sent));
    }
  }

  private void reset(HttpClientRequest sent) {
    // race: the response ended meanwhile, and its connection may serve somebody else already
    if (!ended) {
      sent.reset();
    }
  }

  private static Map<String, List<String>> headers(HttpClientResponse response) {
    Map<String, List<String>> headers = new LinkedHashMap<>();
    for (var header : response.headers()) {
      headers
          .computeIfAbsent(header.getKey().toLowerCase(Locale.ROOT), name -> new ArrayList<>())
          .add(header.getValue());
    }
    return headers;
  }

  private OutboundException translated(Throwable failure) {
    String host = hop.target().host();
    return switch (failure) {
      case OutboundException already -> already;
      case TimeoutException e ->
          new OutboundException(Reason.TIMEOUT, "no connection to " + host + " in time");
      case TooLongFrameException e ->
          new OutboundException(Reason.RESPONSE_TOO_LARGE, "the response's headers are too large");
      default ->
          TlsFailure.in(failure)
              ? new OutboundException(
                  Reason.TLS_ERROR,
                  "no secure connection to " + host + ": its certificate or protocol is refused",
                  failure)
              : new OutboundException(
                  Reason.CONNECT_FAILED,
                  "the connection to " + host + " failed or ended before the response did",
                  failure);
    };
  }
}
