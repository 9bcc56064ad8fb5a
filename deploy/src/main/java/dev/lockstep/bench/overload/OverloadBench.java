package dev.lockstep.bench.overload;

import dev.lockstep.bench.load.FixedBackend;
import dev.lockstep.bench.proxy.Contender;
import dev.lockstep.bench.proxy.Router;
import dev.lockstep.bench.tool.PartOptions;
import dev.lockstep.local.LocalCluster;
import dev.lockstep.local.cluster.CertificateAuthority;
import dev.lockstep.local.cluster.KeyAndCertificate;
import dev.lockstep.local.process.Place;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Offers a replica that leads less than its backend can take, as much, and up to ten times that, by
 * the clock. The backend works on a few requests at a time, so that it, and not this machine, is
 * what is full. Never judges a time: it fails on wrong answers, on connections that were cut, on a
 * replica that was not ready or lost the Lease, and on goodput below four fifths of the best.
 */
public final class OverloadBench {
  private static final String BODY = "x".repeat(128);
  private static final int AT_ONCE = 16;
  private static final Duration EACH = Duration.ofMillis(20);
  private static final double CAPACITY = AT_ONCE / (EACH.toMillis() / 1e3);
  private static final List<Double> LOADS = List.of(0.5, 1.0, 2.0, 5.0, 10.0);

  /** Enough for ten times what the backend can take, with everybody accepted waiting. */
  private static final int CLIENTS = 200;

  /** What is said to the replica: the backend's own bound, and twice as many in all. */
  static final List<String> SETTINGS =
      List.of(
          "--max-requests=" + 2 * AT_ONCE,
          "--backend-max-requests=" + AT_ONCE,
          "--backend-queue-target=20ms");

  private OverloadBench() {}

  /** Runs it in this place, which the caller closes. */
  public static OverloadReport run(PartOptions options, Place place) throws InterruptedException {
    LocalCluster.Means means = LocalCluster.Means.in(place, options.root());
    KeyAndCertificate pair = Contender.certificate(CertificateAuthority.create("lockstep-bench"));
    FixedBackend backend = place.keep(FixedBackend.working(BODY, AT_ONCE, EACH));
    // One event loop: its bounds are the replica's.
    Router.Running router =
        Router.prepare(place, means, pair, backend.port())
            .start(1, SETTINGS.toArray(String[]::new));
    Contender target = router.contender();
    URI api = router.mesh().replicas().getFirst().api();
    Crowd crowd = new Crowd(target.http().resolve("/"), CLIENTS, BODY);
    place.progress().say("warming up");
    crowd.ask(CAPACITY, options.length());
    List<OverloadReport.Row> rows = new ArrayList<>();
    for (double load : LOADS) {
      place.progress().say("offered: %.1f times what the backend can take".formatted(load));
      try (ControlWatch watch = ControlWatch.start(api)) {
        Duration before = target.processes().processorTime();
        Crowd.Outcome outcome = crowd.ask(load * CAPACITY, options.length());
        Duration used = target.processes().processorTime().minus(before);
        rows.add(
            new OverloadReport.Row(
                load, outcome, watch.stop(), used.toMillis() / 1e3 / outcome.seconds()));
      }
    }
    return new OverloadReport(CAPACITY, options.length(), rows);
  }
}
