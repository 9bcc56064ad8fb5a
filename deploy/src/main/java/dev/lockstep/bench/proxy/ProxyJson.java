package dev.lockstep.bench.proxy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lockstep.bench.load.Middle;
import java.util.List;

/** Writes a {@link ProxyReport} for programs: every round of every contender. */
final class ProxyJson {
  private static final ObjectMapper JSON = new ObjectMapper();

  private ProxyJson() {}

  /** {@return the report as JSON} */
  static String of(ProxyReport report) {
    ObjectNode json = JSON.createObjectNode();
    json.put("benchmark", "proxy");
    json.put("passed", report.passed());
    ProxyOptions.Plan plan = report.conditions().plan();
    json.putObject("conditions")
        .put("rounds", plan.rounds())
        .put("secondsPerTurn", plan.seconds())
        .put("warmUpSeconds", plan.warmUpSeconds())
        .put("threads", report.conditions().threads())
        .put("processors", Runtime.getRuntime().availableProcessors())
        .put("java", Runtime.version().toString())
        .put("os", System.getProperty("os.name") + " " + System.getProperty("os.version"));
    ObjectNode cases = json.putObject("cases");
    report.results().forEach(it -> result(cases.putObject(it.which().key()), it));
    report.extras().halfLoad().ifPresent(it -> halfLoad(json.putObject("halfLoad"), it));
    report.extras().coldStart().ifPresent(it -> coldStart(json.putArray("coldStart"), it));
    ObjectNode memory = json.putObject("peakResidentBytes");
    report.extras().memory().forEach((product, bytes) -> memory.put(product.key(), bytes));
    ObjectNode allocated = json.putObject("lockstepAllocatedBytesPerRequest");
    report.extras().allocated().forEach((which, bytes) -> allocated.put(which.key(), bytes));
    report.faults().forEach(json.putArray("faults")::add);
    report.notMeasured().forEach(json.putArray("notMeasured")::add);
    return json.toPrettyString() + "\n";
  }

  private static void result(ObjectNode json, CaseResult result) {
    result
        .samples()
        .forEach(
            (product, samples) -> {
              ObjectNode contender = json.putObject(product.key());
              result.tls(product).ifPresent(it -> contender.put("tls", it));
              for (Quantity quantity : Quantity.values()) {
                result
                    .middle(product, quantity)
                    .ifPresent(it -> middle(contender.putObject(quantity.key()), it));
                result
                    .ratio(product, quantity)
                    .ifPresent(it -> middle(contender.putObject(quantity.key() + "ToNginx"), it));
              }
              rounds(contender.putArray("rounds"), samples);
            });
  }

  private static void middle(ObjectNode json, Middle middle) {
    json.put("median", middle.median()).put("min", middle.least()).put("max", middle.most());
  }

  private static void rounds(ArrayNode rounds, List<Sample> samples) {
    for (Sample sample : samples) {
      ObjectNode round = rounds.addObject();
      round.put("requests", sample.load().requests()).put("seconds", sample.load().seconds());
      round.put("cpuSeconds", sample.cpu().toNanos() / 1e9);
      for (Quantity quantity : Quantity.values()) {
        quantity.of(sample).ifPresent(it -> round.put(quantity.key(), it));
      }
    }
  }

  private static void halfLoad(ObjectNode json, HalfLoad load) {
    json.put("requestsPerSecond", load.rate());
    json.put("limitedByGenerator", load.limitedByGenerator());
    ObjectNode rows = json.putObject("rounds");
    load.spreads()
        .forEach(
            (name, spreads) -> {
              ArrayNode rounds = rows.putArray(name);
              spreads.forEach(
                  it ->
                      rounds
                          .addObject()
                          .put("count", it.count())
                          .put("p50Millis", it.p50())
                          .put("p99Millis", it.p99())
                          .put("maxMillis", it.max()));
            });
  }

  private static void coldStart(ArrayNode json, ColdStart coldStart) {
    coldStart.starts().forEach(curve -> rounds(json.addArray(), curve));
  }
}
