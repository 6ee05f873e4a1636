package io.stepwell.kernel;

import java.util.HexFormat;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A place in a trace, as the {@code traceparent} header says it (W3C Trace Context).
 *
 * @param traceId 32 hexadecimal digits, not all zero
 * @param spanId 16 hexadecimal digits, not all zero
 */
public record TraceParent(String traceId, String spanId, boolean sampled) {
  private static final int LONGEST = 256;

  // a later version may say more behind the flags; ff is none
  private static final Pattern HEADER =
      Pattern.compile(
          "(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?");

  /** Reads a header; one that is missing or not valid says nothing. */
  public static Optional<TraceParent> parse(@Nullable String header) {
    if (header == null || header.length() > LONGEST) {
      return Optional.empty();
    }
    Matcher matcher = HEADER.matcher(header);
    if (!matcher.matches() || (matcher.group(1).equals("00") && matcher.group(5) != null)) {
      return Optional.empty();
    }
    boolean sampled = (Integer.parseInt(matcher.group(4), 16) & 1) == 1;
    return Optional.of(new TraceParent(matcher.group(2), matcher.group(3), sampled));
  }

  /** Where the trace of an execution begins that nobody gave one: the id is its trace id. */
  public static TraceParent ofExecution(UUID executionId) {
    HexFormat hex = HexFormat.of();
    String low = hex.toHexDigits(executionId.getLeastSignificantBits());
    return new TraceParent(hex.toHexDigits(executionId.getMostSignificantBits()) + low, low, true);
  }

  /** The header's value. */
  public String header() {
    return "00-" + traceId + "-" + spanId + (sampled ? "-01" : "-00");
  }
}
