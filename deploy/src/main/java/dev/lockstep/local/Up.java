package dev.lockstep.local;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lockstep.local.cluster.BinariesMissing;
import dev.lockstep.local.process.Progress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;

/** The program behind {@code deploy/local/up}. */
public final class Up {
  private static final int ROUNDS = 10;

  private Up() {}

  /** Takes the options of {@code deploy/local/up}; ends with 0, 1, or 2 for wrong options. */
  public static void main(String[] arguments) {
    Locale.setDefault(Locale.ROOT);
    System.exit(run(List.of(arguments)));
  }

  private static int run(List<String> arguments) {
    Progress progress = new Progress(System.out);
    UpOptions options;
    RunFolder folder;
    try {
      options = UpOptions.parse(arguments);
      folder = RunFolder.open(options.folder(), System.getenv());
    } catch (IllegalArgumentException e) {
      System.err.println("up: " + e.getMessage());
      return 2;
    }
    Run run = new Run(options, progress, folder);
    // Ctrl-C, SIGTERM and the normal end take the same way out.
    Runtime.getRuntime().addShutdownHook(new Thread(run::close, "stop"));
    try {
      Run.Started started = run.start(System.getenv());
      return switch (options.mode()) {
        case CHECK -> check(started, folder);
        case STAY -> stay(started, folder.path());
      };
    } catch (BinariesMissing | IllegalArgumentException e) {
      System.err.println("up: " + e.getMessage());
      return 1;
    } catch (RuntimeException e) {
      if (run.stopping()) {
        return 1;
      }
      folder.keep();
      System.err.println("up: " + e.getMessage() + "\n    logs: " + folder.path());
      return 1;
    }
  }

  private static int check(Run.Started started, RunFolder folder) {
    Check check = started.check();
    check.change(ROUNDS);
    check.serves(started.samples().expected());
    System.out.println();
    printReplicas(started);
    check.figures().forEach(System.out::println);
    if (check.faults().isEmpty()) {
      System.out.println("check: passed");
      return 0;
    }
    folder.keep();
    check.faults().forEach(fault -> System.out.println("fault: " + fault));
    System.out.println("check: FAILED, logs in " + folder.path());
    return 1;
  }

  private static int stay(Run.Started started, Path folder) {
    System.out.println();
    printReplicas(started);
    started.check().figures().forEach(System.out::println);
    started.check().faults().forEach(fault -> System.out.println("fault: " + fault));
    printPlaces(started, folder);
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return 0;
  }

  private static void printReplicas(Run.Started started) {
    String row = "%-9s %-16s %-9s %-8s %8s  %s%n";
    System.out.printf(row, "REPLICA", "POD", "ROLE", "STATE", "VERSION", "HTTP");
    JsonNode answer =
        started
            .questions()
            .get(started.mesh().anyApi(), "/v1/replicas", Duration.ofSeconds(5))
            .body();
    for (JsonNode replica : answer.path("replicas")) {
      System.out.printf(
          row,
          replica.path("name").asText(),
          replica.path("pod").asText(),
          replica.path("role").asText(),
          replica.path("state").asText(),
          replica.path("version").asText(),
          replica.path("http").asText());
    }
    System.out.println();
  }

  private static void printPlaces(Run.Started started, Path folder) {
    int http = started.shared().http().orElseThrow();
    int https = started.shared().https().orElseThrow();
    String api = started.mesh().anyApi().toString();
    String kubectl =
        started.cluster().kubectl() + " --kubeconfig " + started.cluster().kubeconfig();
    String lockstep = "router-agent/target/dist/bin/lockstep";
    System.out.printf(
        """

        Status      %1$s
        All of it   %2$s

        curl http://%3$s:%6$d/
        curl http://%3$s:%6$d/api/orders
        curl http://%5$s:%6$d/
        curl -k https://%4$s:%7$d/
        %9$s status --api %1$s
        %8$s get ingress,service -n shop
        %8$s get pods -n lockstep-system -o wide
        %8$s -n shop patch ingress web --type=json \\
          -p '[{"op": "replace", "path": "/spec/rules/0/host", "value": "other.localhost"}]'

        Ctrl-C stops everything.
        """,
        api,
        folder.resolve("local.json"),
        Samples.HOST,
        Samples.SECURE_HOST,
        Samples.LABELLED_HOST,
        http,
        https,
        kubectl,
        lockstep);
  }
}
