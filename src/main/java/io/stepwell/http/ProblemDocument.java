package io.stepwell.http;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.stepwell.kernel.Problem;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * The answer to a request that failed: RFC 9457 plus {@code code} and {@code errors}.
 *
 * @param type a stable URI, one for each code
 * @param title what this status means
 * @param detail what is wrong with this request
 * @param instance the path of the request
 * @param code stable and in snake_case; clients may branch on it
 * @param errors every single problem with its place, the first hundred and how many there are
 *     beyond; left out when there is none. With them a document has at most 256 KiB
 */
@RegisterForReflection
@Schema(name = "Problem")
public record ProblemDocument(
    String type,
    String title,
    int status,
    String detail,
    String instance,
    String code,
    @JsonInclude(JsonInclude.Include.NON_EMPTY) List<Error> errors) {
  private static final int MOST_BYTES_OF_ERRORS = 200 << 10;

  public static final String MEDIA_TYPE = "application/problem+json";

  /** One of several problems, at an RFC 6901 pointer. */
  @RegisterForReflection
  @Schema(name = "ProblemError")
  public record Error(String pointer, String detail) {}

  static ProblemDocument of(
      HttpStatus status, String code, String detail, String instance, List<Problem> problems) {
    return new ProblemDocument(
        "urn:stepwell:problem:" + code,
        status.title(),
        status.code(),
        detail,
        instance,
        code,
        errors(problems));
  }

  private static List<Error> errors(List<Problem> problems) {
    List<Error> errors = new ArrayList<>();
    long bytes = 0;
    for (Problem problem : problems) {
      bytes += bytes(problem.pointer()) + bytes(problem.detail());
      if (bytes > MOST_BYTES_OF_ERRORS) {
        errors.add(new Error("", "and " + (problems.size() - errors.size()) + " more"));
        break;
      }
      errors.add(new Error(problem.pointer(), problem.detail()));
    }
    return errors;
  }

  /** What a text takes in JSON at most: an escape for what is not ASCII, a quote or a backslash. */
  private static long bytes(String text) {
    return text.chars().mapToLong(c -> c < ' ' || c > '~' || c == '"' || c == '\\' ? 6 : 1).sum();
  }
}
