package dev.lockstep.bench;

import dev.lockstep.bench.abuse.AbuseBench;
import dev.lockstep.bench.abuse.AbuseReport;
import dev.lockstep.bench.overload.OverloadBench;
import dev.lockstep.bench.overload.OverloadReport;
import dev.lockstep.bench.proxy.ProxyBench;
import dev.lockstep.bench.proxy.ProxyOptions;
import dev.lockstep.bench.proxy.ProxyReport;
import dev.lockstep.bench.tool.PartOptions;
import dev.lockstep.local.cluster.BinariesMissing;
import dev.lockstep.local.process.Place;
import dev.lockstep.local.process.Progress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The program behind {@code deploy/bench/run}: runs the benchmark of a name. Ends with 0 when all
 * is well, 1 when the benchmark found a fault or could not run, 2 for wrong options.
 */
public final class Bench {
  private static final Map<String, Program> PROGRAMS =
      new TreeMap<>(
          Map.of(
              "abuse",
              Bench::abuse,
              "change-latency",
              Bench::changeLatency,
              "overload",
              Bench::overload,
              "proxy",
              Bench::proxy));

  private Bench() {}

  /** A benchmark: takes its options, returns its exit code. */
  private interface Program {
    int run(List<String> arguments) throws InterruptedException;
  }

  /** What a benchmark does in a place of its own. */
  private interface Work {
    Outcome run(Place place) throws InterruptedException;
  }

  /**
   * What a benchmark found.
   *
   * @param table for people
   * @param json for programs
   * @param passed whether there was no fault
   */
  private record Outcome(String table, String json, boolean passed) {}

  /** Takes a name, and the options of {@code deploy/bench/run}. */
  public static void main(String[] arguments) {
    Locale.setDefault(Locale.ROOT);
    System.exit(run(List.of(arguments)));
  }

  private static int run(List<String> arguments) {
    Program program = arguments.isEmpty() ? null : PROGRAMS.get(arguments.getFirst());
    if (program == null) {
      System.err.println("bench: expected one of " + String.join(", ", PROGRAMS.keySet()));
      return 2;
    }
    try {
      return program.run(arguments.subList(1, arguments.size()));
    } catch (IllegalArgumentException e) {
      System.err.println("bench: " + e.getMessage());
      return 2;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 1;
    }
  }

  private static int changeLatency(List<String> arguments) throws InterruptedException {
    BenchOptions options = BenchOptions.parse(arguments);
    boolean brief = options.length() == BenchOptions.Length.SHORT;
    ChangeLatency.Plan plan =
        new ChangeLatency.Plan(
            options.routes(), 5, options.changes().orElse(brief ? 6 : 40), brief ? 25 : 150);
    Work work =
        place -> {
          BenchMesh.Started mesh = BenchMesh.start(place, options.root(), options.replicas());
          List<Scenario> scenarios = new ChangeLatency(plan, place.progress()).run(mesh);
          LatencyReport report = new LatencyReport(options.replicas(), plan, scenarios);
          return new Outcome(report.table(), report.json(), report.passed());
        };
    return run(work, options.json().orElse(standard(options.root(), "change-latency")));
  }

  private static int proxy(List<String> arguments) throws InterruptedException {
    ProxyOptions options = ProxyOptions.parse(arguments);
    Optional<String> hopeless = ProxyBench.hopeless(options);
    if (hopeless.isPresent()) {
      System.err.println("bench: " + hopeless.get());
      return 1;
    }
    Work work =
        place -> {
          ProxyReport report = ProxyBench.run(options, place);
          return new Outcome(report.table(), report.json(), report.passed());
        };
    return run(work, options.json().orElse(standard(options.root(), "proxy")));
  }

  private static int abuse(List<String> arguments) throws InterruptedException {
    PartOptions options = PartOptions.parse(arguments);
    Work work =
        place -> {
          AbuseReport report = AbuseBench.run(options, place);
          return new Outcome(report.table(), report.json(), report.passed());
        };
    return run(work, options.json().orElse(standard(options.root(), "abuse")));
  }

  private static int overload(List<String> arguments) throws InterruptedException {
    PartOptions options = PartOptions.parse(arguments);
    Work work =
        place -> {
          OverloadReport report = OverloadBench.run(options, place);
          return new Outcome(report.table(), report.json(), report.faults().isEmpty());
        };
    return run(work, options.json().orElse(standard(options.root(), "overload")));
  }

  private static int run(Work work, Path json) throws InterruptedException {
    // Progress beside the table, so that the table alone can be kept.
    Place place = Place.open(new Progress(System.err), "lockstep-bench-");
    try {
      Outcome outcome = work.run(place);
      System.out.print(outcome.table);
      write(json, outcome.json);
      if (!outcome.passed) {
        System.err.println("bench: FAILED, logs in " + place.keepFolder());
      }
      return outcome.passed ? 0 : 1;
    } catch (BinariesMissing e) {
      System.err.println("bench: " + e.getMessage());
      return 1;
    } catch (IllegalStateException | UncheckedIOException e) {
      if (!place.closed()) {
        System.err.println("bench: " + e + "\n    logs: " + place.keepFolder());
      }
      return 1;
    }
  }

  private static Path standard(Path root, String name) {
    return root.resolve("deploy/target/bench/" + name + ".json");
  }

  private static void write(Path file, String json) {
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      Files.writeString(file, json);
      System.out.println("figures: " + file);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
  }
}
