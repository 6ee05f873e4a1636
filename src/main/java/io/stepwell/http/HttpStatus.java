package io.stepwell.http;

import io.stepwell.kernel.Failure;

/** The statuses of answers to failed requests, and the one table from failures to them. */
enum HttpStatus {
  BAD_REQUEST(400, "Bad Request", "bad_request", "The request cannot be read."),
  UNAUTHORIZED(401, "Unauthorized", "unauthenticated", "A valid API key is needed."),
  FORBIDDEN(403, "Forbidden", "forbidden", "This is not allowed."),
  NOT_FOUND(404, "Not Found", "not_found", "There is nothing at this path."),
  METHOD_NOT_ALLOWED(
      405, "Method Not Allowed", "method_not_allowed", "The path does not know this method."),
  NOT_ACCEPTABLE(
      406, "Not Acceptable", "not_acceptable", "No representation fits the Accept header."),
  CONFLICT(409, "Conflict", "conflict", "The present state does not allow this."),
  PRECONDITION_FAILED(
      412, "Precondition Failed", "precondition_failed", "The thing has changed meanwhile."),
  TOO_LARGE(413, "Content Too Large", "body_too_large", "The body is too large."),
  URI_TOO_LONG(414, "URI Too Long", "uri_too_long", "The path is too long."),
  UNSUPPORTED_MEDIA_TYPE(
      415,
      "Unsupported Media Type",
      "unsupported_media_type",
      "The body has to be application/json."),
  UNPROCESSABLE(422, "Unprocessable Content", "invalid", "The request is not valid."),
  TOO_MANY_REQUESTS(429, "Too Many Requests", "rate_limited", "There are too many requests."),
  HEADERS_TOO_LARGE(
      431, "Request Header Fields Too Large", "headers_too_large", "The headers are too large."),
  INTERNAL(
      500,
      "Internal Server Error",
      "internal_error",
      "Something went wrong here. The log has it under the id in X-Request-Id."),
  UNAVAILABLE(
      503, "Service Unavailable", "unavailable", "The service cannot answer now. Try again soon.");

  private final int code;
  private final String title;
  private final String defaultCode;
  private final String defaultDetail;

  HttpStatus(int code, String title, String defaultCode, String defaultDetail) {
    this.code = code;
    this.title = title;
    this.defaultCode = defaultCode;
    this.defaultDetail = defaultDetail;
  }

  static HttpStatus of(Failure.Kind kind) {
    return switch (kind) {
      case MALFORMED -> BAD_REQUEST;
      case UNAUTHENTICATED -> UNAUTHORIZED;
      case FORBIDDEN -> FORBIDDEN;
      case NOT_FOUND -> NOT_FOUND;
      case CONFLICT -> CONFLICT;
      case PRECONDITION_FAILED -> PRECONDITION_FAILED;
      case TOO_LARGE -> TOO_LARGE;
      case UNSUPPORTED_MEDIA_TYPE -> UNSUPPORTED_MEDIA_TYPE;
      case INVALID -> UNPROCESSABLE;
      case LIMITED -> TOO_MANY_REQUESTS;
      case UNAVAILABLE -> UNAVAILABLE;
    };
  }

  /** The nearest status that this service answers with. */
  static HttpStatus nearest(int code) {
    for (HttpStatus status : values()) {
      if (status.code == code) {
        return status;
      }
    }
    return code >= 400 && code < 500 ? BAD_REQUEST : INTERNAL;
  }

  int code() {
    return code;
  }

  String title() {
    return title;
  }

  /** The problem's code where nobody has given a better one. */
  String defaultCode() {
    return defaultCode;
  }

  String defaultDetail() {
    return defaultDetail;
  }
}
