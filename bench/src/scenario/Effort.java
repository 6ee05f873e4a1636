package scenario;

import java.util.List;

/**
 * How much to do.
 *
 * @param clients that execute at once
 * @param rounds measured phases; the report gives their median and range
 * @param seconds of sending in a round
 * @param warmUpSeconds of sending before the first round, for the compiler
 * @param scale 1, or less for a quick look: what large numbers are multiplied by
 * @param sizes of the histories
 */
public record Effort(
    int clients, int rounds, double seconds, double warmUpSeconds, double scale, List<Long> sizes) {

  Effort withClients(int others) {
    return new Effort(others, rounds, seconds, warmUpSeconds, scale, sizes);
  }

  int scaled(int full) {
    return Math.max(1, (int) (full * scale));
  }
}
