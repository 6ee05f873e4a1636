package io.stepwell.outbound;

/**
 * One plain text mail to one address.
 *
 * @param to a bare address, {@code user@example.org}
 * @param messageId names this mail for ever, in any characters (an idempotency key will do): the
 *     Message-ID is made of it, so that a mail sent again can be told for the same
 */
public record Mail(String to, String subject, String text, String messageId) {

  /** Leaves out what people wrote to each other. */
  @Override
  public String toString() {
    return "Mail[" + messageId + "]";
  }
}
