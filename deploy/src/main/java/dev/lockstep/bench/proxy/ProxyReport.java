package dev.lockstep.bench.proxy;

import dev.lockstep.bench.load.Middle;
import dev.lockstep.bench.load.Spread;
import dev.lockstep.bench.proxy.Contender.Product;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * The figures of {@link ProxyBench}.
 *
 * @param conditions under which they were measured
 * @param results one for each case that was measured
 * @param extras what was measured besides
 * @param faults what went wrong, in words
 * @param missing what could not be measured, and why
 */
public record ProxyReport(
    Conditions conditions,
    List<CaseResult> results,
    Extras extras,
    List<String> faults,
    List<String> missing) {

  private static final int MOST_FAULTS = 20;

  /** Copies the lists. */
  public ProxyReport {
    results = List.copyOf(results);
    faults = List.copyOf(faults);
    missing = List.copyOf(missing);
  }

  /**
   * How it was measured.
   *
   * @param plan rounds and their lengths
   * @param threads that each proxy serves with, and each generator loads with
   */
  record Conditions(ProxyOptions.Plan plan, int threads) {}

  /**
   * What has no rounds of requests.
   *
   * @param coldStart of Lockstep
   * @param halfLoad latencies
   * @param memory the most that each contender ever had resident, in bytes
   * @param allocated bytes of objects that Lockstep makes for each request
   */
  record Extras(
      Optional<ColdStart> coldStart,
      Optional<HalfLoad> halfLoad,
      Map<Product, Long> memory,
      Map<Case, Double> allocated) {}

  /** {@return whether there was no fault} */
  public boolean passed() {
    return faults.isEmpty();
  }

  /** {@return the same as JSON} */
  public String json() {
    return ProxyJson.of(this);
  }

  /** {@return the tables} */
  public String table() {
    StringBuilder text = new StringBuilder();
    results.forEach(result -> text.append(table(result)));
    extras.halfLoad.ifPresent(it -> text.append(table(it)));
    extras.coldStart.ifPresent(it -> text.append(table(it)));
    text.append("\n## Peak resident memory, all processes of a proxy added up\n\n");
    extras.memory.forEach(
        (product, bytes) ->
            text.append("%s %.0f MiB%n".formatted(product.text(), bytes / 1048576.0)));
    text.append("\nFAULTS ").append(faults.size()).append('\n');
    faults.stream().limit(MOST_FAULTS).forEach(it -> text.append("  ").append(it).append('\n'));
    text.append("\nNot measured: ").append(String.join("; ", notMeasured())).append(".\n");
    return text.toString();
  }

  /** {@return what nobody should look for in the figures} */
  List<String> notMeasured() {
    List<String> texts = new ArrayList<>(missing);
    for (CaseResult result : results) {
      if (result.which().speaksHttp2() && !result.samples().containsKey(Product.LOCKSTEP)) {
        texts.add("HTTP/2 of Lockstep (it does not negotiate it)");
      }
    }
    texts.add("links between machines: load, proxies and backend share the processors of this one");
    return texts;
  }

  private String table(CaseResult result) {
    boolean handshakes = result.which().countsHandshakes();
    List<String> header = new ArrayList<>(List.of("", Quantity.CPU.text(), "nginx = 1"));
    header.addAll(
        handshakes
            ? List.of("handshakes " + Quantity.PER_CPU.text(), "nginx = 1", "handshakes/s")
            : List.of(Quantity.RATE.text(), "nginx = 1", "p50 ms", "p99 ms"));
    MarkdownTable table = new MarkdownTable(header);
    for (Product product : extras.memory.keySet()) {
      if (!result.samples().containsKey(product)) {
        table.add(product.text(), "not supported");
        continue;
      }
      List<String> row = new ArrayList<>(List.of(product.text()));
      if (handshakes) {
        row.addAll(both(result, product, Quantity.CPU));
        row.addAll(both(result, product, Quantity.PER_CPU));
        row.add(value(result, product, Quantity.RATE));
      } else {
        row.addAll(both(result, product, Quantity.CPU));
        row.addAll(both(result, product, Quantity.RATE));
        row.add(value(result, product, Quantity.P50));
        row.add(value(result, product, Quantity.P99));
      }
      table.add(row.toArray(String[]::new));
    }
    return "\n## " + result.which().text() + "\n\n" + table.text() + notes(result);
  }

  private static List<String> both(CaseResult result, Product product, Quantity quantity) {
    return List.of(
        value(result, product, quantity),
        result.ratio(product, quantity).map(it -> it.text(2)).orElse(MarkdownTable.NOTHING));
  }

  private static String value(CaseResult result, Product product, Quantity quantity) {
    return result
        .middle(product, quantity)
        .map(it -> it.text(quantity.digits()))
        .orElse(MarkdownTable.NOTHING);
  }

  private String notes(CaseResult result) {
    StringBuilder notes = new StringBuilder();
    Optional.ofNullable(extras.allocated.get(result.which()))
        .ifPresent(
            it -> notes.append("Lockstep allocates %.0f bytes for each request%n".formatted(it)));
    for (Product product : result.samples().keySet()) {
      result.tls(product).ifPresent(it -> notes.append(product.text() + " spoke " + it + "\n"));
    }
    return notes.toString();
  }

  private String table(HalfLoad load) {
    MarkdownTable table =
        new MarkdownTable(List.of("", "p50 ms", "HAProxy = 1", "p99 ms", "HAProxy = 1"));
    List<Spread> yardstick = load.spreads().getOrDefault(Product.HAPROXY.text(), List.of());
    load.spreads()
        .forEach(
            (name, spreads) ->
                table.add(
                    name,
                    middle(spreads, Spread::p50),
                    ratio(spreads, yardstick, Spread::p50),
                    middle(spreads, Spread::p99),
                    ratio(spreads, yardstick, Spread::p99)));
    String reason =
        load.limitedByGenerator()
            ? "half of what this generator can get out of the slowest of them"
            : "half of what the slowest of them did in " + Case.HTTP_SMALL.key();
    return "%n## Latency, %s, by the clock at %.0f requests/s%n(%s)%n%n"
            .formatted(Case.HTTP_SMALL.text(), load.rate(), reason)
        + table.text();
  }

  private static String middle(List<Spread> spreads, Function<Spread, Double> which) {
    return Middle.of(spreads.stream().map(which).toList())
        .map(it -> it.text(2))
        .orElse(MarkdownTable.NOTHING);
  }

  /** {@return the ratios of each round} */
  private static String ratio(
      List<Spread> ours, List<Spread> theirs, Function<Spread, Double> which) {
    List<Double> ratios = new ArrayList<>();
    for (int i = 0; i < Math.min(ours.size(), theirs.size()); i++) {
      ratios.add(which.apply(ours.get(i)) / which.apply(theirs.get(i)));
    }
    return Middle.of(ratios).map(it -> it.text(2)).orElse(MarkdownTable.NOTHING);
  }

  private String table(ColdStart coldStart) {
    MarkdownTable table =
        new MarkdownTable(List.of("second after Ready", "requests/s", "of warm", "CPU s / 100k"));
    Optional<Double> warm =
        results.stream()
            .filter(it -> it.which() == Case.HTTP_SMALL)
            .flatMap(it -> it.middle(Product.LOCKSTEP, Quantity.RATE).stream())
            .map(Middle::median)
            .findFirst();
    for (int second = 0; second < ColdStart.SECONDS; second++) {
      List<Double> rates =
          coldStart.second(second).stream().map(sample -> sample.load().rate()).toList();
      List<Double> costs = coldStart.second(second).stream().map(Sample::cpuSeconds).toList();
      Middle rate = Middle.of(rates).orElseThrow();
      table.add(
          Integer.toString(second + 1),
          rate.text(0),
          warm.map(it -> "%.2f".formatted(rate.median() / it)).orElse(MarkdownTable.NOTHING),
          Middle.of(costs).orElseThrow().text(2));
    }
    return "\n## Cold start of Lockstep, %s, starts: %d%n%n"
            .formatted(Case.HTTP_SMALL.text(), coldStart.starts().size())
        + table.text();
  }
}
