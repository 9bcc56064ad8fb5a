package dev.lockstep.bench;

import dev.lockstep.bench.load.Reply;
import dev.lockstep.local.kubelet.LocalReplica;
import dev.lockstep.local.process.Progress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * How long a change takes from the API server's answer to every replica, and to the barrier that
 * says so.
 *
 * <p>Measured from outside: the write is acknowledged when the first byte of its answer is there; a
 * replica serves a change when the whole answer to a request over an open connection is there; the
 * barrier is open when its whole answer is there. All three clocks are one. Every replica is asked
 * on after the barrier opened; the old state in an answer to a request that started later is a
 * false open.
 */
final class ChangeLatency {
  /** Far below the sustained rate at which the leader would start to gather changes. */
  private static final Duration SHORTEST_PAUSE = Duration.ofMillis(30);

  private static final Duration LONGEST_PAUSE = Duration.ofMillis(70);

  private final Plan plan;
  private final Progress progress;
  private final RandomGenerator random = RandomGenerator.getDefault();

  ChangeLatency(Plan plan, Progress progress) {
    this.plan = plan;
    this.progress = progress;
  }

  /**
   * How much is measured.
   *
   * @param routes sizes of the config, rising; one scenario each
   * @param rounds of each scenario
   * @param changes in a round, of each kind
   * @param warmUp changes of each kind before the first round, thrown away
   */
  record Plan(List<Integer> routes, int rounds, int changes, int warmUp) {
    Plan {
      routes = List.copyOf(routes);
    }
  }

  /** {@return one scenario for each size of the config} */
  List<Scenario> run(BenchMesh.Started mesh) throws InterruptedException {
    List<LocalReplica> replicas = mesh.replicas();
    List<Scenario> scenarios = new ArrayList<>();
    int loaded = 0;
    try (ApiWriter writer = ApiWriter.open(mesh.server().kubeconfig());
        Changer changer = new Changer(replicas, writer)) {
      for (int routes : plan.routes) {
        if (routes > loaded) {
          load(replicas, writer, new Range(loaded, routes));
          loaded = routes;
        }
        scenarios.add(scenario(mesh, changer, routes));
      }
    }
    return scenarios;
  }

  private Scenario scenario(BenchMesh.Started mesh, Changer changer, int routes)
      throws InterruptedException {
    String name = routes + " routes: ";
    progress.say(name + "warming up");
    Faults faults = new Faults();
    round(changer, plan.warmUp, faults);
    Cost.Mark begin = Cost.mark(mesh);
    List<List<Measured>> rounds = new ArrayList<>();
    for (int i = 1; i <= plan.rounds; i++) {
      progress.say(name + "round " + i + " of " + plan.rounds);
      rounds.add(round(changer, plan.changes, faults));
    }
    return new Scenario(routes, rounds, faults, Cost.since(begin, mesh));
  }

  private List<Measured> round(Changer changer, int changes, Faults faults)
      throws InterruptedException {
    List<Measured> measured = new ArrayList<>();
    for (int i = 0; i < changes; i++) {
      for (Change change : Change.values()) {
        // Uneven, or every change would meet the same phase of heartbeats and renewals.
        long range = LONGEST_PAUSE.minus(SHORTEST_PAUSE).toNanos();
        Thread.sleep(SHORTEST_PAUSE.plusNanos(random.nextLong(range)));
        changer.make(change, faults).ifPresent(measured::add);
      }
    }
    return measured;
  }

  /** Numbers of routes, the end not among them. */
  private record Range(int begin, int end) {}

  /** Adds routes, and waits until they are live. */
  private void load(List<LocalReplica> replicas, ApiWriter writer, Range range) {
    long begin = System.nanoTime();
    progress.say("adding routes up to " + range.end);
    String version = "";
    for (int i = range.begin; i < range.end; i++) {
      String json = route(i).json(Change.FIRST_BACKEND);
      version = writer.create(RouteObjects.ingresses(), json).resourceVersion();
    }
    try (BarrierCaller barriers =
        new BarrierCaller(replicas.stream().map(LocalReplica::api).toList())) {
      // The API server tells changes of one kind in order, so the last one stands for all.
      Reply opened = barriers.present(route(range.end - 1), version);
      if (opened.status() != 200) {
        throw new IllegalStateException("routes: not live: " + opened.body());
      }
    }
    progress.say(
        "%d routes live in %.1f s"
            .formatted(range.end - range.begin, (System.nanoTime() - begin) / 1e9));
  }

  private static RouteObjects.Route route(int number) {
    return new RouteObjects.Route("route-" + number);
  }
}
