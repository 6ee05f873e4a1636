package io.stepwell.outbound;

import io.stepwell.outbound.OutboundException.Reason;
import java.net.InetAddress;
import java.net.URI;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An http or https address whose host is beyond doubt: a name, or an address in its one canonical
 * spelling. It reads the authority itself, since {@link URI#getHost()} has an opinion of its own.
 *
 * @param host lower case; an IPv6 address stands in brackets, as in the Host header
 * @param literal the address, where the host is one
 * @param requestUri path and query, encoded, never empty
 */
record Target(
    boolean tls, String host, Optional<InetAddress> literal, int port, String requestUri) {

  private static final Pattern AUTHORITY =
      Pattern.compile("(?<host>\\[[^\\[\\]]*]|[^\\[\\]:]*)(:(?<port>\\d{0,5}))?");

  static Target of(URI uri) throws OutboundException {
    String scheme = uri.getScheme();
    String authority = uri.getRawAuthority();
    if (scheme == null || authority == null) {
      throw new OutboundException(Reason.INVALID_REQUEST, "the URL has no scheme or no host");
    }
    boolean tls = scheme.equalsIgnoreCase("https");
    if (!tls && !scheme.equalsIgnoreCase("http")) {
      throw denied("only http and https leave here");
    }
    if (authority.indexOf('@') >= 0) {
      throw denied("a URL with user information is refused");
    }
    Matcher parts = AUTHORITY.matcher(authority);
    if (!parts.matches()) {
      throw denied("the URL's host cannot be read");
    }
    String host = parts.group("host").toLowerCase(Locale.ROOT);
    Optional<InetAddress> literal = literal(host);
    if (literal.isEmpty() && !HostName.isName(host)) {
      throw denied(
          "the URL's host is neither a plain ASCII name nor an address in its usual spelling");
    }
    return new Target(tls, host, literal, port(parts.group("port"), tls), requestUri(uri));
  }

  private static Optional<InetAddress> literal(String host) {
    return host.startsWith("[")
        ? IpLiteral.v6(host.substring(1, host.length() - 1))
        : IpLiteral.v4(host);
  }

  private static int port(@Nullable String text, boolean tls) throws OutboundException {
    if (text == null || text.isEmpty()) {
      return tls ? 443 : 80;
    }
    int port = Integer.parseInt(text);
    if (port < 1 || port > 65_535) {
      throw denied("the URL's port is not 1 to 65535");
    }
    return port;
  }

  private static String requestUri(URI uri) {
    URI ascii = URI.create(uri.toASCIIString());
    String path = ascii.getRawPath();
    String query = ascii.getRawQuery();
    return (path.isEmpty() ? "/" : path) + (query == null ? "" : "?" + query);
  }

  /** The address to resolve references against: absolute, and never with an empty path. */
  URI uri() {
    return URI.create((tls ? "https://" : "http://") + host + ":" + port + requestUri);
  }

  boolean sameOrigin(Target other) {
    return tls == other.tls && port == other.port && host.equals(other.host);
  }

  private static OutboundException denied(String message) {
    return new OutboundException(Reason.ADDRESS_DENIED, message);
  }
}
