package dev.lockstep.chaos;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lockstep.chaos.fault.FaultKind;
import dev.lockstep.chaos.oracle.Oracle;
import dev.lockstep.chaos.oracle.Outcome;
import dev.lockstep.chaos.oracle.Violations;
import dev.lockstep.chaos.workload.Questions;
import dev.lockstep.chaos.workload.Questions.Answer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What came of a run, as text for people (Markdown) and as JSON for programs.
 *
 * @param options what was asked for
 * @param faults how many of each kind there were
 * @param possible every kind that this machine can make
 * @param changes how many writes were confirmed
 * @param questions how questions were answered
 * @param oracle what was judged
 * @param broken what could not be made or healed
 */
record ChaosReport(
    ChaosOptions options,
    Map<FaultKind, Integer> faults,
    List<FaultKind> possible,
    long changes,
    Questions questions,
    Oracle oracle,
    List<String> broken) {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** From so many minutes on, each kind of fault must have been made. */
  static final int LONG_MINUTES = 10;

  /** {@return what is wrong, one line each; nothing when all is well} */
  List<String> problems() {
    List<String> problems = new ArrayList<>();
    for (Violations.Kind kind : Violations.Kind.values()) {
      int count = oracle.violations().count(kind);
      if (count > 0) {
        problems.add(count + " " + kind.plural());
      }
    }
    broken.forEach(it -> problems.add("could not make or heal: " + it));
    if (options.minutes() >= LONG_MINUTES) {
      possible.stream()
          .filter(it -> !faults.containsKey(it))
          .forEach(it -> problems.add("never made: " + it.label()));
    }
    if (count(Questions.Kind.PRESENT, Answer.OPEN) == 0 || oracle.judged() == 0) {
      problems.add("nothing was opened or judged: the run proves nothing");
    }
    return problems;
  }

  /** {@return the report for people} */
  String markdown() {
    StringBuilder text = new StringBuilder();
    text.append(
        "Seed %d, %d minutes, %d replicas%s: %d faults of %d kinds, %d changes\n"
            .formatted(
                options.seed(),
                options.minutes(),
                options.replicas(),
                onCluster() ? " of a Deployment on a whole cluster" : "",
                faults.values().stream().mapToInt(it -> it).sum(),
                faults.size(),
                changes));
    text.append("\n| judged | count |\n|---|---:|\n");
    for (Violations.Kind kind : Violations.Kind.values()) {
      row(text, kind.plural(), oracle.violations().count(kind));
    }
    text.append("\n| requests | count |\n|---|---:|\n");
    for (Outcome outcome : Outcome.values()) {
      row(text, outcome.label(), oracle.count(outcome));
    }
    row(text, "held against a promise", oracle.judged());
    row(text, "versions with their digests", oracle.versions().seen());
    questions(text);
    calm(text);
    text.append("\n| fault | count |\n|---|---:|\n");
    for (FaultKind kind : told()) {
      String label = possible.contains(kind) ? kind.label() : kind.label() + " (not possible here)";
      row(text, label, faults.getOrDefault(kind, 0));
    }
    return text.toString();
  }

  /** {@return the report for programs} */
  String json() {
    ObjectNode json = JSON.createObjectNode();
    json.put("seed", options.seed()).put("minutes", options.minutes());
    json.put("replicas", options.replicas()).put("changes", changes);
    json.put("wholeCluster", onCluster());
    ObjectNode judged = json.putObject("judged");
    for (Violations.Kind kind : Violations.Kind.values()) {
      judged.put(kind.plural(), oracle.violations().count(kind));
    }
    ObjectNode requests = json.putObject("requests");
    for (Outcome outcome : Outcome.values()) {
      requests.put(outcome.label(), oracle.count(outcome));
    }
    ObjectNode asked = json.putObject("questions");
    for (Questions.Kind kind : Questions.Kind.values()) {
      ObjectNode row = asked.putObject(kind.label());
      for (Answer answer : Answer.values()) {
        row.put(answer.name().toLowerCase(java.util.Locale.ROOT), count(kind, answer));
      }
    }
    ArrayNode millis = json.putArray("calmBarrierMillis");
    for (double quantile : new double[] {0.5, 0.9, 0.99, 1}) {
      millis.add(quantile(quantile));
    }
    ObjectNode made = json.putObject("faults");
    faults.forEach((kind, count) -> made.put(kind.label(), count));
    ArrayNode problems = json.putArray("problems");
    problems().forEach(problems::add);
    oracle.violations().found().forEach(it -> problems.addPOJO(it.seconds() + " s: " + it.text()));
    try {
      return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(json) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree can always be written", e);
    }
  }

  private boolean onCluster() {
    return options.cluster().kubeconfig().isPresent();
  }

  private List<FaultKind> told() {
    if (!options.faults().isEmpty() || onCluster()) {
      return possible;
    }
    return Stream.of(FaultKind.values()).filter(it -> !it.onlyOnCluster()).toList();
  }

  private void questions(StringBuilder text) {
    text.append("\n| question | asked | open | late | unknown | refused | no answer |\n");
    text.append("|---|---:|---:|---:|---:|---:|---:|\n");
    for (Questions.Kind kind : Questions.Kind.values()) {
      long asked = questions.count(kind);
      text.append("| ").append(kind.label()).append(" | ").append(asked).append(" |");
      for (Answer answer : Answer.values()) {
        text.append(' ').append(count(kind, answer)).append(" |");
      }
      text.append('\n');
    }
  }

  private void calm(StringBuilder text) {
    text.append(
        "\nFrom a confirmed write to \"open\", without faults (%d): median %.1f ms,"
            .formatted(questions.calm().size(), quantile(0.5)));
    text.append(
        " p90 %.1f ms, p99 %.1f ms, max %.1f ms\n"
            .formatted(quantile(0.9), quantile(0.99), quantile(1)));
  }

  private double quantile(double share) {
    List<Long> sorted = questions.calm();
    if (sorted.isEmpty()) {
      return 0;
    }
    return sorted.get((int) Math.min(sorted.size() - 1, Math.floor(share * sorted.size()))) / 1e6;
  }

  private long count(Questions.Kind kind, Answer answer) {
    return questions.count(kind, answer);
  }

  private static void row(StringBuilder text, String label, long count) {
    text.append("| ").append(label).append(" | ").append(count).append(" |\n");
  }
}
