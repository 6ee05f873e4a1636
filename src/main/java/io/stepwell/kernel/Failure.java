package io.stepwell.kernel;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A refusal that the caller can understand and act on.
 *
 * <p>The domain says what kind of refusal it is and gives it a stable code; only the {@code http}
 * room knows which status that becomes.
 */
public final class Failure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What sort of refusal this is. */
  public enum Kind {
    MALFORMED,
    UNAUTHENTICATED,
    FORBIDDEN,
    NOT_FOUND,
    CONFLICT,
    PRECONDITION_FAILED,
    TOO_LARGE,
    UNSUPPORTED_MEDIA_TYPE,
    INVALID,
    LIMITED,
    UNAVAILABLE
  }

  private final Kind kind;
  private final String code;
  private final transient List<Problem> problems;
  private final @Nullable Duration retryAfter;

  private Failure(
      Kind kind,
      String code,
      String detail,
      List<Problem> problems,
      @Nullable Duration retryAfter) {
    super(Problem.cut(detail), null, false, false);
    this.kind = Objects.requireNonNull(kind);
    this.code = Objects.requireNonNull(code);
    this.problems = Problem.first(problems, problems.size(), "");
    this.retryAfter = retryAfter;
  }

  public static Failure of(Kind kind, String code, String detail) {
    return new Failure(kind, code, detail, List.of(), null);
  }

  /** Several things wrong at once, each with its place in the request. */
  public static Failure of(Kind kind, String code, String detail, List<Problem> problems) {
    return new Failure(kind, code, detail, problems, null);
  }

  public static Failure malformed(String code, String detail) {
    return of(Kind.MALFORMED, code, detail);
  }

  public static Failure notFound(String noun, Object id) {
    return of(Kind.NOT_FOUND, noun + "_not_found", "There is no " + noun + " " + id + " here.");
  }

  public static Failure conflict(String code, String detail) {
    return of(Kind.CONFLICT, code, detail);
  }

  public static Failure invalid(String code, String detail) {
    return of(Kind.INVALID, code, detail);
  }

  /** Over a limit; {@code retryAfter} is when trying again makes sense. */
  public static Failure limited(String code, String detail, Duration retryAfter) {
    return new Failure(Kind.LIMITED, code, detail, List.of(), retryAfter);
  }

  public Kind kind() {
    return kind;
  }

  /** Stable, snake_case; clients may branch on it. */
  public String code() {
    return code;
  }

  public String detail() {
    return Objects.requireNonNull(getMessage());
  }

  public List<Problem> problems() {
    return problems;
  }

  public Optional<Duration> retryAfter() {
    return Optional.ofNullable(retryAfter);
  }
}
