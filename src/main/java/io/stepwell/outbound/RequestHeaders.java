package io.stepwell.outbound;

import io.stepwell.outbound.OutboundException.Reason;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * The end-to-end headers of a request, safe to write as they stand: no line break, no control
 * character, none that frames the message or belongs to the connection.
 */
record RequestHeaders(Map<String, List<String>> values) {

  private static final int MAX_CHARACTERS = 64 * 1024;

  // RFC 9110: a token; visible ASCII, space and tab. Other characters would be cut to bytes on the
  // wire, and a cut character can be a line break.
  private static final Pattern NAME = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}");
  private static final Pattern VALUE = Pattern.compile("[\\t\\x20-\\x7E]*");

  private static final Set<String> NOT_THE_CALLERS =
      Set.of(
          "connection",
          "content-length",
          "expect",
          "forwarded",
          "host",
          "http2-settings",
          "keep-alive",
          // what the metadata services of clouds ask for before they tell credentials
          "metadata",
          "metadata-flavor",
          "te",
          "trailer",
          "transfer-encoding",
          "upgrade",
          "via");

  // what proxies tell and are told, and metadata services
  private static final List<String> NOT_THE_CALLERS_FAMILIES =
      List.of("proxy-", "x-aws-ec2-metadata-", "x-forwarded-", "x-google-metadata-");

  // Any other header may be a credential: API keys come under every name.
  private static final Set<String> SAFE_ELSEWHERE =
      Set.of(
          "accept",
          "accept-encoding",
          "accept-language",
          "cache-control",
          "content-language",
          "content-type",
          "idempotency-key",
          "traceparent",
          "user-agent");

  static RequestHeaders of(Map<String, List<String>> given) throws OutboundException {
    Map<String, List<String>> values = new LinkedHashMap<>();
    long characters = 0;
    for (var header : given.entrySet()) {
      String name = header.getKey();
      if (!NAME.matcher(name).matches()) {
        throw invalid("a header's name is no token of RFC 9110");
      }
      if (isNotTheCallers(name.toLowerCase(Locale.ROOT))) {
        throw invalid("the header " + name + " is not the caller's to set");
      }
      for (String value : header.getValue()) {
        if (!VALUE.matcher(value).matches()) {
          throw invalid("the value of the header " + name + " is not printable ASCII");
        }
        characters += name.length() + value.length();
      }
      values.put(name, List.copyOf(header.getValue()));
    }
    if (characters > MAX_CHARACTERS) {
      throw invalid("the headers are larger than " + MAX_CHARACTERS + " characters");
    }
    return new RequestHeaders(values);
  }

  private static boolean isNotTheCallers(String lowerCaseName) {
    return NOT_THE_CALLERS.contains(lowerCaseName)
        || NOT_THE_CALLERS_FAMILIES.stream().anyMatch(lowerCaseName::startsWith);
  }

  boolean has(String lowerCaseName) {
    return values.keySet().stream().anyMatch(lowerCaseName::equalsIgnoreCase);
  }

  /** What may follow a redirect to another origin. */
  RequestHeaders forAnotherOrigin() {
    return without(name -> !SAFE_ELSEWHERE.contains(name));
  }

  /** What remains true of a request whose body was dropped. */
  RequestHeaders withoutBody() {
    return without(name -> name.startsWith("content-"));
  }

  private RequestHeaders without(Predicate<String> dropped) {
    Map<String, List<String>> kept = new LinkedHashMap<>(values);
    kept.keySet().removeIf(name -> dropped.test(name.toLowerCase(Locale.ROOT)));
    return new RequestHeaders(kept);
  }

  private static OutboundException invalid(String message) {
    return new OutboundException(Reason.INVALID_REQUEST, message);
  }
}
