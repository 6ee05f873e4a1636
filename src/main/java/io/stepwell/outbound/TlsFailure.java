package io.stepwell.outbound;

import io.netty.handler.ssl.SslHandshakeTimeoutException;
import java.net.SocketException;
import java.nio.channels.ClosedChannelException;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;

/** Tells a refusal of the other side's TLS from a connection that broke while it was negotiated. */
final class TlsFailure {

  private TlsFailure() {}

  static boolean in(Throwable failure) {
    return causes(failure).anyMatch(SSLException.class::isInstance)
        && causes(failure).noneMatch(TlsFailure::isOfTheConnection);
  }

  private static boolean isOfTheConnection(Throwable cause) {
    return cause instanceof ClosedChannelException
        || cause instanceof SslHandshakeTimeoutException
        || cause instanceof SocketException;
  }

  private static Stream<Throwable> causes(Throwable failure) {
    return Stream.iterate(failure, cause -> cause != null, Throwable::getCause);
  }
}
