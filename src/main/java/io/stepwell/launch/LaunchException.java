package io.stepwell.launch;

import java.sql.SQLException;

/** The process cannot start; the message is one clear sentence or more for whoever started it. */
public final class LaunchException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  LaunchException(String message) {
    super(message);
  }

  LaunchException(String message, Throwable cause) {
    super(message, cause);
  }

  /** What went wrong, in a line: what the database said, where it was the one that refused. */
  static String line(Throwable failure) {
    Throwable said = failure;
    while (!(said instanceof SQLException) && said.getCause() != null) {
      said = said.getCause();
    }
    if (!(said instanceof SQLException)) {
      said = failure;
    }
    String message = said.getMessage() == null ? said.toString() : said.getMessage();
    return message.strip().replaceAll("\\s*\\R\\s*", " ");
  }
}
