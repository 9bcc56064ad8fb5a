package dev.lockstep.chaos.windows;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lockstep.chaos.oracle.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The table of all trials so far, as text for people (Markdown) and as JSON for programs. Its first
 * nine columns are those of the simulation.
 *
 * @param rows what was asked for
 * @param trials what there is of it, and maybe more
 */
record WindowsReport(List<Row> rows, Trials trials) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String HEAD =
      "| trouble | replicas | survivors | has a version: p50 | p99 | max"
          + " | barrier open: p50 | p99 | max | back in sync: p50 | p99 | max"
          + " | trials | requests | sent again | failed: process killed"
          + " | paused or node lost | otherwise |\n"
          + "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n";

  /** {@return what is wrong, one line each; nothing when all is well} */
  List<String> problems() {
    List<String> problems = new ArrayList<>();
    for (Row row : rows) {
      List<Trial> all = trials.of(row);
      long closed = all.stream().filter(it -> it.windows().open().isEmpty()).count();
      if (closed > 0) {
        problems.add(
            "%s: %d barriers not open within %d s"
                .formatted(row, closed, Measurement.BOUND.toSeconds()));
      }
      long failed = sum(all, Outcome.FAILED);
      if (failed > 0) {
        problems.add(row + ": " + failed + " failed requests that nothing excuses");
      }
    }
    return problems;
  }

  /** {@return the table for people, in seconds, and the targets} */
  String markdown() {
    StringBuilder text = new StringBuilder(HEAD);
    for (Row row : rows) {
      List<Trial> all = trials.of(row);
      if (!all.isEmpty()) {
        text.append(line(row, all));
      }
    }
    text.append('\n');
    for (Target target : Target.ALL) {
      rows.stream()
          .filter(it -> it.trouble() == target.trouble() && !trials.of(it).isEmpty())
          .forEach(it -> text.append("- ").append(target.judge(it, trials.of(it))).append('\n'));
    }
    return text.toString();
  }

  /** {@return the same for programs, in milliseconds} */
  String json() {
    ObjectNode json = JSON.createObjectNode();
    json.put("processors", Runtime.getRuntime().availableProcessors());
    ArrayNode list = json.putArray("rows");
    for (Row row : rows) {
      List<Trial> all = trials.of(row);
      ObjectNode node = list.addObject();
      node.put("trouble", row.label()).put("replicas", row.replicas());
      node.put("survivors", row.survivors()).put("trials", all.size());
      figures(all).forEach((name, figures) -> put(node.putObject(name), figures));
      ObjectNode requests = node.putObject("requests");
      for (Outcome outcome : Outcome.values()) {
        requests.put(outcome.label(), sum(all, outcome));
      }
    }
    ArrayNode problems = json.putArray("problems");
    problems().forEach(problems::add);
    try {
      return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(json) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree can always be written", e);
    }
  }

  private static String line(Row row, List<Trial> all) {
    StringBuilder text = new StringBuilder();
    text.append("| ").append(row.label()).append(" | ").append(row.replicas());
    text.append(" | ").append(row.survivors());
    List<Quantiles> figures =
        List.of(Target.Kind.VERSION.quantiles(all), Target.Kind.OPEN.quantiles(all), back(all));
    for (Quantiles figure : figures) {
      Quantiles.SHOWN.forEach(share -> text.append(" | ").append(figure.text(share)));
    }
    long requests = 0;
    for (Outcome outcome : Outcome.values()) {
      requests += outcome == Outcome.REOPENED ? 0 : sum(all, outcome);
    }
    text.append(" | ").append(all.size()).append(" | ").append(requests);
    for (Outcome outcome :
        List.of(Outcome.REOPENED, Outcome.KILLED, Outcome.PAUSED, Outcome.FAILED)) {
      text.append(" | ").append(sum(all, outcome));
    }
    return text.append(" |\n").toString();
  }

  private static Map<String, Quantiles> figures(List<Trial> all) {
    return new TreeMap<>(
        Map.of(
            "hasAVersion", Target.Kind.VERSION.quantiles(all),
            "barrierOpen", Target.Kind.OPEN.quantiles(all),
            "backInSync", back(all)));
  }

  private static Quantiles back(List<Trial> all) {
    return Quantiles.of(all.stream().map(it -> it.windows().back()));
  }

  private static void put(ObjectNode node, Quantiles figures) {
    for (double share : Quantiles.SHOWN) {
      String name = share == 1 ? "max" : "p%.0f".formatted(share * 100);
      figures.at(share).ifPresent(it -> node.put(name, it.toNanos() / 1_000 / 1e3));
    }
  }

  private static long sum(List<Trial> all, Outcome outcome) {
    return all.stream().mapToLong(it -> it.requests(outcome)).sum();
  }
}
