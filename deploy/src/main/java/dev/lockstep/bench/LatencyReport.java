package dev.lockstep.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lockstep.bench.load.Spread;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;

/**
 * The figures of {@link ChangeLatency}, for people and for programs.
 *
 * @param replicas how many there were
 * @param plan what was done
 * @param scenarios what came out
 */
record LatencyReport(int replicas, ChangeLatency.Plan plan, List<Scenario> scenarios) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String ROW = "  %-30s %22s %24s %9s %9s%n";

  /** {@return whether there was no fault} */
  boolean passed() {
    return scenarios.stream().allMatch(scenario -> scenario.faults().none());
  }

  /** {@return the table} */
  String table() {
    StringBuilder table = new StringBuilder();
    scenarios.forEach(scenario -> scenario(table, scenario));
    table.append("\nNot measured: ").append(String.join("; ", notMeasured())).append(".\n");
    return table.toString();
  }

  /** {@return the same as JSON} */
  String json() {
    ObjectNode json = JSON.createObjectNode();
    json.put("benchmark", "change-latency");
    json.put("unit", "ms since the API server's answer to the write");
    json.put("passed", passed());
    json.putObject("conditions")
        .put("replicas", replicas)
        .put("rounds", plan.rounds())
        .put("changesPerRoundAndKind", plan.changes())
        .put("warmUpChangesPerKind", plan.warmUp())
        .put("pollsPerSecond", Changer.POLLS_PER_SECOND)
        .put("processors", Runtime.getRuntime().availableProcessors())
        .put("java", Runtime.version().toString())
        .put("os", System.getProperty("os.name") + " " + System.getProperty("os.version"));
    var list = json.putArray("scenarios");
    scenarios.forEach(scenario -> scenario(list.addObject(), scenario));
    notMeasured().forEach(json.putArray("notMeasured")::add);
    return json.toPrettyString() + "\n";
  }

  private void scenario(StringBuilder table, Scenario scenario) {
    line(
        table,
        "%n%d routes, %d replicas, %d rounds of %d changes of each kind",
        scenario.routes(),
        replicas,
        plan.rounds(),
        plan.changes());
    if (scenario.changes() > 0) {
      table.append(
          ROW.formatted("ms", "p50 (of the rounds)", "p99 (of the rounds)", "max", "p50/PUT"));
      for (Change change : Change.values()) {
        line(table, "%s", change.text());
        rows(table, scenario, it -> it.change() == change);
      }
      line(table, "all of them");
      rows(table, scenario, it -> true);
      Figure put = Figure.of(scenario, Measure.PUT, it -> true).orElseThrow();
      table.append(row(Measure.PUT, put, Optional.empty()));
    }
    Faults faults = scenario.faults();
    line(
        table,
        "FALSE OPENS %d, in %d requests sent after a barrier's answer",
        faults.falseOpens(),
        faults.checks());
    line(
        table,
        "other faults: %d barriers not open, %d changes not seen, %d of %d requests wrong or lost",
        faults.closedBarriers(),
        faults.unfinished(),
        faults.failedRequests(),
        faults.polls());
    faults.texts().forEach(text -> line(table, "  %s", text));
    cost(table, scenario);
  }

  private static void rows(StringBuilder table, Scenario scenario, Predicate<Measured> which) {
    Optional<Figure> put = Figure.of(scenario, Measure.PUT, which);
    for (Measure measure : List.of(Measure.LIVE, Measure.BARRIER, Measure.BOTH, Measure.SKEW)) {
      Figure.of(scenario, measure, which)
          .ifPresent(figure -> table.append(row(measure, figure, put)));
    }
  }

  private static String row(Measure measure, Figure figure, Optional<Figure> put) {
    boolean compared = measure != Measure.SKEW;
    return ROW.formatted(
        measure.text(),
        figure.text(Spread::p50),
        figure.text(Spread::p99),
        "%.1f".formatted(figure.all.max()),
        put.filter(it -> compared)
            .map(it -> "%.2f".formatted(figure.all.p50() / it.all.p50()))
            .orElse(""));
  }

  private static void cost(StringBuilder table, Scenario scenario) {
    Cost cost = scenario.cost();
    double wall = seconds(cost.wall());
    cost.leaderCpu()
        .ifPresent(
            leader -> {
              double followers =
                  cost.followerCpu().stream()
                      .mapToDouble(LatencyReport::seconds)
                      .average()
                      .orElse(0);
              line(
                  table,
                  "CPU in %.1f s: leader %.2f s (%.2f cores), a follower %.2f s (%.2f cores);"
                      + " each also answered %d requests",
                  wall,
                  seconds(leader),
                  seconds(leader) / wall,
                  followers,
                  followers / wall,
                  scenario.faults().polls() / (1 + cost.followerCpu().size()));
            });
    line(
        table,
        "API requests per change: leader %s; followers %s",
        requests(cost.leaderRequests(), scenario.changes()),
        requests(cost.followerRequests(), scenario.changes()));
  }

  private static String requests(Map<String, Integer> counts, int changes) {
    if (counts.isEmpty() || changes == 0) {
      return "none";
    }
    List<String> texts =
        counts.entrySet().stream()
            .map(it -> "%.2f %s".formatted((double) it.getValue() / changes, it.getKey()))
            .toList();
    return String.join(", ", texts);
  }

  private static void scenario(ObjectNode json, Scenario scenario) {
    json.put("routes", scenario.routes());
    json.put("changes", scenario.changes());
    ObjectNode kinds = json.putObject("figures");
    for (Change change : Change.values()) {
      figures(kinds, change.name().toLowerCase(Locale.ROOT), scenario, it -> it.change() == change);
    }
    figures(kinds, "all", scenario, it -> true);
    Faults faults = scenario.faults();
    ObjectNode wrong = json.putObject("faults");
    wrong.put("falseOpens", faults.falseOpens());
    wrong.put("barriersNotOpen", faults.closedBarriers());
    wrong.put("changesNotSeen", faults.unfinished());
    wrong.put("requestsWrongOrLost", faults.failedRequests());
    faults.texts().forEach(wrong.putArray("texts")::add);
    json.put("requests", faults.polls());
    json.put("requestsAfterBarrier", faults.checks());
    Cost cost = scenario.cost();
    json.put("seconds", seconds(cost.wall()));
    cost.leaderCpu().ifPresent(it -> json.put("leaderCpuSeconds", seconds(it)));
    var followers = json.putArray("followerCpuSeconds");
    cost.followerCpu().forEach(it -> followers.add(seconds(it)));
    cost.leaderRequests().forEach(json.putObject("leaderApiRequests")::put);
    cost.followerRequests().forEach(json.putObject("followerApiRequests")::put);
  }

  private static void figures(
      ObjectNode kinds, String key, Scenario scenario, Predicate<Measured> which) {
    ObjectNode kind = kinds.putObject(key);
    for (Measure measure : Measure.values()) {
      Figure.of(scenario, measure, which)
          .ifPresent(
              figure -> {
                ObjectNode json = kind.putObject(measure.key());
                spread(json, figure.all);
                var rounds = json.putArray("rounds");
                figure.rounds.forEach(round -> spread(rounds.addObject(), round));
              });
    }
  }

  private static void spread(ObjectNode json, Spread spread) {
    json.put("count", spread.count());
    json.put("p50", spread.p50());
    json.put("p99", spread.p99());
    json.put("max", spread.max());
  }

  private List<String> notMeasured() {
    String finest = "nothing finer than the pause between two requests to a replica (%.2f ms)";
    String noCpu = "CPU by role (the leadership moved, or the system does not tell)";
    boolean cpu = scenarios.stream().allMatch(it -> it.cost().leaderCpu().isPresent());
    String pause = finest.formatted(1e3 * replicas / Changer.POLLS_PER_SECOND);
    String machines = "links between machines: all processes share this one";
    return cpu ? List.of(pause, machines) : List.of(pause, machines, noCpu);
  }

  private static void line(StringBuilder table, String format, Object... values) {
    table.append(format.formatted(values)).append(System.lineSeparator());
  }

  private static double seconds(Duration duration) {
    return duration.toNanos() / 1e9;
  }

  /**
   * One line of the table.
   *
   * @param all changes of all rounds
   * @param rounds each round by itself
   */
  private record Figure(Spread all, List<Spread> rounds) {
    /** {@return the figure of these changes; empty when there are none} */
    static Optional<Figure> of(Scenario scenario, Measure measure, Predicate<Measured> which) {
      List<List<Long>> rounds =
          scenario.rounds().stream()
              .map(round -> round.stream().filter(which).map(measure::of).toList())
              .filter(round -> !round.isEmpty())
              .toList();
      return rounds.isEmpty()
          ? Optional.empty()
          : Optional.of(
              new Figure(
                  Spread.of(rounds.stream().flatMap(List::stream).toList()),
                  rounds.stream().map(Spread::of).toList()));
    }

    String text(ToDoubleFunction<Spread> which) {
      double least = rounds.stream().mapToDouble(which).min().orElseThrow();
      double most = rounds.stream().mapToDouble(which).max().orElseThrow();
      return "%.1f (%.1f–%.1f)".formatted(which.applyAsDouble(all), least, most);
    }
  }
}
