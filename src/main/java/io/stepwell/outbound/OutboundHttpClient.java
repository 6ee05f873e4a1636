package io.stepwell.outbound;

import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.Startup;
import io.stepwell.kernel.Room;
import io.vertx.core.Context;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.impl.ConnectionBase;
import io.vertx.core.tracing.TracingPolicy;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * Sends HTTP requests that other people wrote, without letting them reach what is not public.
 *
 * <p>{@link #send} blocks; call it on a virtual thread. Each call puts a request on the wire at
 * most once (and once for each redirect): a kept connection that turns out dead is {@code
 * connect_failed}, never a silent second attempt. Workspaces share no connection. Answers that are
 * compressed by gzip or deflate are unpacked, within the bound of their body. No proxy is used,
 * whatever the environment says. Thread-safe.
 */
@Startup // a bad allow list or authority file ends the start
@ApplicationScoped
public class OutboundHttpClient {

  /** Bytes of a body up to which no room is asked for. */
  public static final int LARGE_BODY = 64 << 10;

  private static final int MAX_REDIRECTS = 5;
  private static final int MAX_HEADER_BYTES = 32 * 1024;

  private final AddressGuard guard;
  private final NameLookup names;
  private final HttpClient client;
  private final List<Context> loops;
  private final AtomicInteger turn = new AtomicInteger();
  private final CallMetrics metrics;

  public OutboundHttpClient(
      Vertx vertx, OutboundConfig config, Resolver resolver, MeterRegistry registry) {
    AllowList allowed = AllowList.parse(config.allow().orElse(List.of()));
    this.metrics = new CallMetrics(registry);
    this.names = new NameLookup(resolver);
    this.guard = new AddressGuard(allowed, config.ports(), names, config.dnsTimeout());
    this.client =
        vertx
            .httpClientBuilder()
            .with(options(config))
            .with(new PoolOptions().setHttp1MaxSize(config.poolSize()))
            .withConnectHandler(OutboundHttpClient::prepare)
            .build();
    this.loops = loops(vertx, Math.max(1, Runtime.getRuntime().availableProcessors() / 2));
  }

  private static void prepare(HttpConnection connection) {
    // the request's own handler reports it; unhandled, it would be logged as our error
    connection.exceptionHandler(reported -> {});
    ((ConnectionBase) connection)
        .channel()
        .pipeline()
        .replace("codec", "codec", new StrictClientCodec(MAX_HEADER_BYTES));
  }

  /**
   * Contexts of as many event loops. Left to itself Vert.x takes another loop for each thread that
   * calls, and wakes many for a connection each where few would serve many at once.
   */
  private static List<Context> loops(Vertx vertx, int count) {
    // a thread that is none of Vert.x's is given the next loop, and keeps it
    Executor fresh = task -> Thread.ofPlatform().start(task);
    return Stream.generate(() -> CompletableFuture.supplyAsync(vertx::getOrCreateContext, fresh))
        .limit(count)
        .map(CompletableFuture::join)
        .toList();
  }

  private static HttpClientOptions options(OutboundConfig config) {
    HttpClientOptions options =
        new HttpClientOptions()
            .setProtocolVersion(HttpVersion.HTTP_1_1)
            .setConnectTimeout(Math.toIntExact(config.connectTimeout().toMillis()))
            .setSslHandshakeTimeout(config.connectTimeout().toMillis())
            .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS)
            .setKeepAliveTimeout(Math.max(1, Math.toIntExact(config.idleTimeout().toSeconds())))
            .setMaxHeaderSize(MAX_HEADER_BYTES)
            .setDecompressionSupported(false)
            .setVerifyHost(true)
            // the caller's traceparent is the only one
            .setTracingPolicy(TracingPolicy.IGNORE);
    config.tlsCaFile().map(TrustedAuthorities::with).ifPresent(options::setTrustOptions);
    return options;
  }

  /**
   * Sends a request and waits for the whole response, whatever its status. Follows up to five
   * redirects when asked to; the sixth is returned as it stands.
   *
   * @throws InterruptedException when the thread is interrupted; the connection is reset
   */
  public OutboundResponse send(OutboundRequest request)
      throws OutboundException, InterruptedException {
    return send(request, Room.UNBOUNDED);
  }

  /**
   * The same. A large body is received only once there is room for it, and for reading it; until
   * then its sender has to wait.
   */
  public OutboundResponse send(OutboundRequest request, Room room)
      throws OutboundException, InterruptedException {
    if (Context.isOnEventLoopThread()) {
      throw new IllegalStateException("send blocks and must not be called on an event loop");
    }
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    long start = System.nanoTime();
    try {
      OutboundResponse response = follow(request, room, start);
      metrics.answered(response.status(), start);
      return response;
    } catch (OutboundException e) {
      metrics.failed(e, start);
      throw e;
    } catch (InterruptedException e) {
      metrics.interrupted(start);
      throw e;
    }
  }

  private OutboundResponse follow(OutboundRequest request, Room room, long start)
      throws OutboundException, InterruptedException {
    Deadline deadline = Deadline.in(request.deadline());
    Hop hop = Hop.first(request);
    for (int redirects = 0; ; redirects++) {
      OutboundResponse response =
          exchange(request.workspaceId(), hop, request.maxResponseBytes(), room, deadline);
      Optional<Hop> next =
          request.followRedirects() && redirects < MAX_REDIRECTS
              ? hop.next(response)
              : Optional.empty();
      if (next.isEmpty()) {
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
        return Unpacked.of(response, request.maxResponseBytes(), room).withDuration(millis);
      }
      room.give();
      hop = next.get();
    }
  }

  private OutboundResponse exchange(
      UUID workspaceId, Hop hop, long maxBytes, Room room, Deadline deadline)
      throws OutboundException, InterruptedException {
    Target target = hop.target();
    InetAddress address = guard.admit(workspaceId, target, deadline);
    RequestOptions options =
        new RequestOptions()
            .setMethod(HttpMethod.valueOf(hop.method()))
            // the connection goes to the address that was judged; the name is for Host and TLS
            .setServer(new WorkspaceAddress(workspaceId, target.port(), address.getHostAddress()))
            .setSsl(target.tls())
            .setHost(target.host())
            .setPort(target.port())
            .setURI(target.requestUri())
            .setHeaders(headers(hop.headers()))
            .setFollowRedirects(false);
    Context loop = loops.get(Math.floorMod(turn.getAndIncrement(), loops.size()));
    return new Exchange(hop, maxBytes, loop).run(client, options, room, deadline);
  }

  private static MultiMap headers(RequestHeaders given) {
    MultiMap headers = MultiMap.caseInsensitiveMultiMap();
    if (!given.has("user-agent")) {
      headers.add("user-agent", "Stepwell");
    }
    if (!given.has("accept-encoding")) {
      headers.add("accept-encoding", "gzip, deflate");
    }
    given.values().forEach((name, values) -> headers.add(name, values));
    return headers;
  }

  @PreDestroy
  void close() {
    names.close();
    client.close();
  }
}
