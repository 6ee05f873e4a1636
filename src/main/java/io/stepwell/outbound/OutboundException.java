package io.stepwell.outbound;

import org.jspecify.annotations.Nullable;

/**
 * Says why nothing, or nothing usable, came back from the network.
 *
 * <p>The message names hosts and limits only; it never holds a header, a path, a query, a body or a
 * credential, so it may be stored and shown to the workspace.
 */
public final class OutboundException extends Exception {

  /** The closed list of reasons, each with its stable code and whether another attempt can help. */
  public enum Reason {
    INVALID_REQUEST("invalid_request", false),
    ADDRESS_DENIED("address_denied", false),
    /** A redirect that the request does not allow. */
    REDIRECT_DENIED("redirect_denied", false),
    CONNECT_FAILED("connect_failed", true),
    TIMEOUT("timeout", true),
    RESPONSE_TOO_LARGE("response_too_large", false),
    TLS_ERROR("tls_error", false),
    MAIL_NOT_CONFIGURED("mail_not_configured", false),
    /** The mail server answered 4xx. */
    MAIL_DEFERRED("mail_deferred", true),
    /** The mail server answered 5xx. */
    MAIL_REJECTED("mail_rejected", false);

    private final String code;
    private final boolean retryable;

    Reason(String code, boolean retryable) {
      this.code = code;
      this.retryable = retryable;
    }
  }

  private static final long serialVersionUID = 1L;

  private final Reason reason;

  OutboundException(Reason reason, String message) {
    this(reason, message, null);
  }

  OutboundException(Reason reason, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }

  /** A stable snake_case code, such as {@code address_denied}. */
  public String code() {
    return reason.code;
  }

  /** Whether the same request can succeed when it is sent again. */
  public boolean retryable() {
    return reason.retryable;
  }
}
