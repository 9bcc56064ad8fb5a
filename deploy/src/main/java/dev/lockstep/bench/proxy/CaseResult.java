package dev.lockstep.bench.proxy;

import dev.lockstep.bench.load.Middle;
import dev.lockstep.bench.proxy.Contender.Product;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Collectors;

/**
 * What came out of one case.
 *
 * @param which the case
 * @param samples of each contender that took part, one for each round, in order
 */
record CaseResult(Case which, Map<Product, List<Sample>> samples) {
  CaseResult {
    Map<Product, List<Sample>> copy = new EnumMap<>(Product.class);
    samples.forEach((product, turns) -> copy.put(product, List.copyOf(turns)));
    samples = copy;
  }

  /** {@return a contender's values of all rounds} */
  Optional<Middle> middle(Product product, Quantity quantity) {
    List<Double> values = new ArrayList<>();
    samples
        .getOrDefault(product, List.of())
        .forEach(sample -> quantity.of(sample).ifPresent(values::add));
    return Middle.of(values);
  }

  /**
   * {@return a contender's values, each as a multiple of nginx's in the same round: what disturbed
   * one of the two most likely disturbed both}
   */
  Optional<Middle> ratio(Product product, Quantity quantity) {
    List<Sample> ours = samples.getOrDefault(product, List.of());
    List<Sample> theirs = samples.getOrDefault(Product.NGINX, List.of());
    List<Double> ratios = new ArrayList<>();
    for (int i = 0; i < Math.min(ours.size(), theirs.size()); i++) {
      OptionalDouble our = quantity.of(ours.get(i));
      OptionalDouble their = quantity.of(theirs.get(i));
      if (our.isPresent() && their.isPresent() && their.getAsDouble() > 0) {
        ratios.add(our.getAsDouble() / their.getAsDouble());
      }
    }
    return Middle.of(ratios);
  }

  /** {@return one line, so that a run that is cut short has said something} */
  String text(Quantity quantity) {
    return quantity.text()
        + samples.keySet().stream()
            .flatMap(it -> middle(it, quantity).map(v -> text(it, v, quantity)).stream())
            .collect(Collectors.joining(", ", " ", ""));
  }

  private static String text(Product product, Middle middle, Quantity quantity) {
    return product.text() + " " + middle.text(quantity.digits());
  }

  /** {@return what went wrong, in words} */
  List<String> faults() {
    List<String> faults = new ArrayList<>();
    samples.forEach(
        (product, turns) ->
            turns.forEach(
                turn ->
                    turn.load()
                        .faults()
                        .forEach(
                            it -> faults.add(which.key() + ": " + product.text() + ": " + it))));
    return faults;
  }

  /** {@return protocol and cipher suite that a contender spoke, if it is known} */
  Optional<String> tls(Product product) {
    return samples.getOrDefault(product, List.of()).stream()
        .flatMap(sample -> sample.load().tls().stream())
        .findFirst();
  }
}
