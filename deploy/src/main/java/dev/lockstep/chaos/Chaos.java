package dev.lockstep.chaos;

import dev.lockstep.chaos.fault.FaultKind;
import dev.lockstep.chaos.fault.FaultScheduler;
import dev.lockstep.chaos.oracle.Outcome;
import dev.lockstep.chaos.oracle.Violations;
import dev.lockstep.local.cluster.BinariesMissing;
import dev.lockstep.local.process.Progress;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * The program behind {@code deploy/chaos/run}. Ends with 0 when the mesh kept its word, 1 when it
 * did not or could not run, 2 for wrong options.
 */
public final class Chaos {
  /** At most so long a run goes on for the kinds that have not come yet. */
  private static final Duration MORE = Duration.ofMinutes(10);

  private static final Duration NEWS = Duration.ofSeconds(15);

  private final ChaosOptions options;
  private final Path folder;
  private final Progress progress = new Progress(System.err);

  private Chaos(ChaosOptions options, Path folder) {
    this.options = options;
    this.folder = folder;
  }

  /** Takes the options of {@code deploy/chaos/run}. */
  public static void main(String[] arguments) {
    Locale.setDefault(Locale.ROOT);
    System.exit(run(List.of(arguments)));
  }

  private static int run(List<String> arguments) {
    try {
      ChaosOptions options = ChaosOptions.parse(arguments);
      return new Chaos(options, folder(options)).run();
    } catch (IllegalArgumentException e) {
      System.err.println("chaos: " + e.getMessage());
      return 2;
    } catch (BinariesMissing e) {
      System.err.println("chaos: " + e.getMessage());
      return 1;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 1;
    }
  }

  private int run() throws InterruptedException {
    ChaosMesh here = new ChaosMesh(progress, folder);
    DeployedMesh deployed = new DeployedMesh(progress, folder);
    // Ctrl-C, SIGTERM and the normal end take the same way out.
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  here.close();
                  deployed.close();
                },
                "stop"));
    progress.say("everything of this run: " + folder);
    try {
      ChaosReport report = judge(onCluster() ? deployed.start(options) : here.start(options));
      String text = report.markdown();
      write(folder.resolve("report.md"), text);
      write(folder.resolve("report.json"), report.json());
      System.out.print(text);
      return verdict(report);
    } catch (IllegalStateException | UncheckedIOException | KubernetesClientException e) {
      System.err.println("chaos: " + e + "\n    logs: " + folder);
      return 1;
    }
  }

  private ChaosReport judge(Started started) throws InterruptedException {
    FaultScheduler scheduler =
        new FaultScheduler(
            started.faults(),
            new FaultScheduler.Plan(options.seed(), options.faults()),
            started.oracle().journal(),
            progress);

    List<FaultKind> possible = scheduler.kinds();
    for (FaultKind kind : FaultKind.values()) {
      boolean wanted = options.faults().isEmpty() && !onCluster() && !kind.onlyOnCluster();
      if (wanted && !possible.contains(kind)) {
        progress.say("not possible on this machine: " + kind.label());
      }
    }
    started.workload().start(started.oracle(), started.replicas(), scheduler::calm);
    Thread news = Thread.ofVirtual().name("news").start(() -> tell(started));
    long end = System.nanoTime() + Duration.ofMinutes(options.minutes()).toNanos();
    boolean all = options.minutes() >= ChaosReport.LONG_MINUTES;
    scheduler.runUntil(end, all ? end + MORE.toNanos() : end);

    news.interrupt();
    progress.say("all healed: the last writes, and then nothing changes any more");
    started.workload().stop();
    new Settlement(started, progress).check();
    return new ChaosReport(
        options,
        scheduler.counts(),
        possible,
        started.workload().changes(),
        started.workload().questions(),
        started.oracle(),
        scheduler.broken());
  }

  private int verdict(ChaosReport report) {
    List<String> problems = report.problems();
    if (problems.isEmpty()) {
      System.out.println("\nPASSED; " + folder.resolve("report.json"));
      return 0;
    }
    System.out.println("\nFAILED: " + String.join("; ", problems));
    report.oracle().violations().found().stream()
        .limit(5)
        .forEach(it -> System.out.printf("  %.3f s  %s: %s%n", it.seconds(), it.kind(), it.text()));
    System.out.println("evidence: " + folder.resolve("violations.log") + ", journal.log, logs/");
    return 1;
  }

  private boolean onCluster() {
    return options.cluster().kubeconfig().isPresent();
  }

  private void tell(Started started) {
    try {
      while (!Thread.interrupted()) {
        Thread.sleep(NEWS);
        var oracle = started.oracle();
        progress.say(
            "%d changes, %d requests (%d killed, %d paused, %d FAILED), %d false opens"
                .formatted(
                    started.workload().changes(),
                    oracle.count(Outcome.ANSWERED),
                    oracle.count(Outcome.KILLED),
                    oracle.count(Outcome.PAUSED),
                    oracle.count(Outcome.FAILED),
                    oracle.violations().count(Violations.Kind.FALSE_OPEN)));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static Path folder(ChaosOptions options) {
    try {
      if (options.folder().isPresent()) {
        return Files.createDirectories(options.folder().get());
      }
      return Files.createTempDirectory("lockstep-chaos-");
    } catch (IOException e) {
      throw new UncheckedIOException("cannot create a folder", e);
    }
  }

  private static void write(Path file, String text) {
    try {
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
  }
}
