package dev.lockstep.chaos.windows;

import dev.lockstep.chaos.oracle.Violations;
import dev.lockstep.local.cluster.BinariesMissing;
import dev.lockstep.local.process.Progress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/**
 * The program behind {@code deploy/chaos/windows}. Ends with 0 when every barrier opened and no
 * request failed that must not, 1 when not or when it could not run, 2 for wrong options.
 */
public final class Windows {
  private final WindowsOptions options;
  private final Path folder;
  private final List<Row> rows;
  private final Trials trials;
  private final RandomGenerator random;
  private final List<String> wrong = new ArrayList<>();
  private final Progress progress = new Progress(System.err);

  private Windows(WindowsOptions options, Path folder) {
    this.options = options;
    this.folder = folder;
    this.rows = Row.all(options);
    this.trials = Trials.open(folder.resolve("trials.jsonl"));
    this.random = new Random(options.seed());
  }

  /** Takes the options of {@code deploy/chaos/windows}. */
  public static void main(String[] arguments) {
    Locale.setDefault(Locale.ROOT);
    System.exit(run(List.of(arguments)));
  }

  private static int run(List<String> arguments) {
    try {
      WindowsOptions options = WindowsOptions.parse(arguments);
      return new Windows(options, folder(options)).run();
    } catch (IllegalArgumentException e) {
      System.err.println("windows: " + e.getMessage());
      return 2;
    } catch (BinariesMissing e) {
      System.err.println("windows: " + e.getMessage());
      return 1;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 1;
    }
  }

  private int run() throws InterruptedException {
    progress.say("everything of this run: " + folder);
    try {
      for (int replicas : options.replicas()) {
        if (remaining(replicas).findAny().isPresent()) {
          measure(replicas);
        }
      }
    } catch (IllegalStateException | UncheckedIOException e) {
      System.err.println("windows: " + e + "\n    what there is: " + folder);
      return 1;
    }
    WindowsReport report = write();
    System.out.print(report.markdown());
    wrong.addAll(report.problems());
    wrong.forEach(it -> System.out.println("WRONG: " + it));
    System.out.println("\nfigures: " + folder.resolve("windows.json"));
    return wrong.isEmpty() ? 0 : 1;
  }

  /** Every row once, then every row again: what the machine does meanwhile hits all alike. */
  private void measure(int replicas) throws InterruptedException {
    WindowsMesh place = new WindowsMesh(progress, newFolder(replicas));
    // Ctrl-C, SIGTERM and the normal end take the same way out.
    Runtime.getRuntime().addShutdownHook(new Thread(place::close, "stop"));
    try {
      WindowsMesh.Started parts = place.start(options.root(), replicas);
      parts.calm().await();
      Measurement measurement = new Measurement(parts, random);
      List<Row> round = remaining(replicas).toList();
      while (!round.isEmpty()) {
        for (Row row : round) {
          Trial trial = measurement.run(row);
          trials.add(trial);
          write();
          tell(trial);
        }
        round = remaining(replicas).toList();
      }
      int reused = parts.violations().count(Violations.Kind.VERSION_REUSED);
      if (reused > 0) {
        wrong.add(reused + " versions reused, see violations.log");
      }
    } finally {
      place.close();
    }
  }

  private Stream<Row> remaining(int replicas) {
    return rows.stream()
        .filter(it -> it.replicas() == replicas && trials.of(it).size() < options.trials());
  }

  private void tell(Trial trial) {
    int done = trials.of(trial.row()).size();
    progress.say(
        "%s, %d of %d: version %s s, open %s s, back %s s; about %s left"
            .formatted(
                trial.row(),
                done,
                options.trials(),
                trial.windows().published().map(Quantiles::seconds).orElse("–"),
                trial.windows().open().map(Quantiles::seconds).orElse("NEVER"),
                trial.windows().back().map(Quantiles::seconds).orElse("–"),
                left()));
  }

  /** {@return the time that what is missing should take, for people} */
  private String left() {
    Duration sum = Duration.ZERO;
    for (Row row : rows) {
      List<Trial> done = trials.of(row);
      Duration each =
          Quantiles.of(done.stream().map(it -> Optional.of(it.took()))).at(0.5).orElse(row.guess());
      sum = sum.plus(each.multipliedBy(Math.max(0, options.trials() - done.size())));
    }
    return sum.toHours() > 0
        ? sum.toHours() + " h " + sum.toMinutesPart() + " min"
        : sum.toMinutes() + " min";
  }

  private WindowsReport write() {
    WindowsReport report = new WindowsReport(rows, trials);
    try {
      Files.writeString(folder.resolve("windows.md"), report.markdown());
      Files.writeString(folder.resolve("windows.json"), report.json());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write to " + folder, e);
    }
    return report;
  }

  private static Path folder(WindowsOptions options) {
    try {
      if (options.folder().isPresent()) {
        return Files.createDirectories(options.folder().get());
      }
      return Files.createTempDirectory("lockstep-windows-");
    } catch (IOException e) {
      throw new UncheckedIOException("cannot create a folder", e);
    }
  }

  /** A mesh never works on what another one has left. */
  private Path newFolder(int replicas) {
    try {
      return Files.createTempDirectory(folder, "mesh-of-" + replicas + "-");
    } catch (IOException e) {
      throw new UncheckedIOException("cannot create a folder in " + folder, e);
    }
  }
}
