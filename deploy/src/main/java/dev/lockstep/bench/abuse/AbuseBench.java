package dev.lockstep.bench.abuse;

import dev.lockstep.bench.load.FixedBackend;
import dev.lockstep.bench.load.LoadTally;
import dev.lockstep.bench.load.OpenLoop;
import dev.lockstep.bench.load.Spread;
import dev.lockstep.bench.proxy.Contender;
import dev.lockstep.bench.proxy.Router;
import dev.lockstep.bench.tool.PartOptions;
import dev.lockstep.local.LocalCluster;
import dev.lockstep.local.cluster.CertificateAuthority;
import dev.lockstep.local.cluster.KeyAndCertificate;
import dev.lockstep.local.process.Place;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * One client asks by the clock, first alone and then beside each flood. Never judges a time: it
 * fails on requests of that client that were lost. The floods come from this machine too, and take
 * processor time that elsewhere they would not.
 */
public final class AbuseBench {
  private static final double RATE = 200;
  private static final int CONNECTIONS = 8;
  private static final String BODY = "x".repeat(128);

  private final PartOptions options;
  private final Place place;

  private AbuseBench(PartOptions options, Place place) {
    this.options = options;
    this.place = place;
  }

  /** Runs it in this place, which the caller closes. */
  public static AbuseReport run(PartOptions options, Place place) throws InterruptedException {
    return new AbuseBench(options, place).run();
  }

  private AbuseReport run() throws InterruptedException {
    LocalCluster.Means means = LocalCluster.Means.in(place, options.root());
    KeyAndCertificate pair = Contender.certificate(CertificateAuthority.create("lockstep-bench"));
    FixedBackend backend = place.keep(FixedBackend.start(BODY, 0));
    Router.Running router =
        Router.prepare(place, means, pair, backend.port())
            .start(Runtime.getRuntime().availableProcessors());
    Contender target = router.contender();
    OpenLoop client = new OpenLoop(target.http().resolve("/"), CONNECTIONS, BODY);
    place.progress().say("warming up");
    client.run(RATE, options.length());
    List<AbuseReport.Row> rows = new ArrayList<>();
    rows.add(alone(client, target));
    for (Attack attack : Attack.values()) {
      place.progress().say("flood: " + attack.text());
      rows.add(flooded(attack, client, target));
    }
    return new AbuseReport(RATE, options.length(), rows);
  }

  private AbuseReport.Row alone(OpenLoop client, Contender target) {
    Stretch stretch = Stretch.begin(target);
    LoadTally tally = client.run(RATE, options.length());
    return stretch.end("nobody", tally, AbuseReport.Flood.NONE);
  }

  private AbuseReport.Row flooded(Attack attack, OpenLoop client, Contender target)
      throws InterruptedException {
    try (Attackers attackers = Attackers.start(attack, target.https().resolve("/"))) {
      Stretch stretch = Stretch.begin(target);
      LoadTally tally = client.run(RATE, options.length());
      return stretch.end(
          attack.text(), tally, new AbuseReport.Flood(attackers.steps(), attackers.thrownOut()));
    }
  }

  /** From one moment to another: late answers make it longer than it was meant to be. */
  private record Stretch(Contender target, long begin, Duration processors) {
    static Stretch begin(Contender target) {
      return new Stretch(target, System.nanoTime(), target.processes().processorTime());
    }

    AbuseReport.Row end(String name, LoadTally tally, AbuseReport.Flood flood) {
      double seconds = (System.nanoTime() - begin) / 1e9;
      Duration used = target.processes().processorTime().minus(processors);
      Spread spread =
          tally.spread().orElseThrow(() -> new IllegalStateException(name + ": no answer"));
      return new AbuseReport.Row(
          name,
          flood.during(seconds),
          spread,
          tally.failures(),
          new AbuseReport.Use(used.toMillis() / 1e3 / seconds, target.processes().peakBytes()));
    }
  }
}
