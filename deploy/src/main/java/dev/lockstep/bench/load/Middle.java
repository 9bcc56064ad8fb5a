package dev.lockstep.bench.load;

import java.util.List;
import java.util.Optional;

/**
 * The middle of several values, and how far they are spread.
 *
 * @param median the middle one; of an even number, the mean of the two in the middle
 * @param least the least
 * @param most the greatest
 */
public record Middle(double median, double least, double most) {
  /** {@return the middle of these values; empty when there are none} */
  public static Optional<Middle> of(List<Double> values) {
    if (values.isEmpty()) {
      return Optional.empty();
    }
    List<Double> sorted = values.stream().sorted().toList();
    int half = sorted.size() / 2;
    double median =
        sorted.size() % 2 == 1 ? sorted.get(half) : (sorted.get(half - 1) + sorted.get(half)) / 2;
    return Optional.of(new Middle(median, sorted.getFirst(), sorted.getLast()));
  }

  /** {@return it for people, with so many digits behind the point} */
  public String text(int digits) {
    String number = "%." + digits + "f";
    return (number + " (" + number + "–" + number + ")").formatted(median, least, most);
  }
}
