package dev.lockstep.bench.proxy;

import dev.lockstep.bench.load.LoadTally;
import dev.lockstep.bench.load.OpenLoop;
import dev.lockstep.bench.load.Spread;
import dev.lockstep.local.process.Progress;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Latency at a rate that none of the contenders finds hard, of requests that are sent by the clock.
 *
 * @param rate requests per second
 * @param limitedByGenerator whether the contenders do more when a cheaper generator asks
 * @param spreads of each contender, and of the backend asked directly, a spread for each round
 * @param faults what went wrong, in words
 */
record HalfLoad(
    double rate,
    boolean limitedByGenerator,
    Map<String, List<Spread>> spreads,
    List<String> faults) {

  /** The row of the backend without a proxy: what the generator and the machine cost. */
  static final String DIRECT = "no proxy";

  private static final int CONNECTIONS = 64;

  /**
   * {@return the latencies of these contenders}
   *
   * @param slowest throughput of the slowest contender
   */
  static HalfLoad measure(List<Contender> contenders, int backend, double slowest, Turns turns) {
    turns.progress.say("latency at half load: what the generator can do");
    Map<String, OpenLoop> targets = new LinkedHashMap<>();
    targets.put(DIRECT, loop(URI.create("http://" + Contender.HOST + ":" + backend)));
    contenders.forEach(it -> targets.put(it.product().text(), loop(it.http())));
    targets.get(DIRECT).capacity(turns.length); // The generator is a Java program: it warms up.
    double possible =
        targets.values().stream()
            .mapToDouble(loop -> loop.capacity(turns.length))
            .min()
            .orElseThrow();
    double rate = Math.min(slowest, possible) / 2;
    Map<String, List<Spread>> spreads = new LinkedHashMap<>();
    List<String> faults = new ArrayList<>();
    for (int round = 0; round <= turns.rounds; round++) {
      turns.progress.say(
          "latency at %.0f requests/s: ".formatted(rate)
              + (round == 0 ? "warming up" : "round " + round + " of " + turns.rounds));
      for (Map.Entry<String, OpenLoop> target : targets.entrySet()) {
        LoadTally tally = target.getValue().run(rate, turns.length);
        tally.failures().forEach(it -> faults.add("half load: " + target.getKey() + ": " + it));
        if (round > 0) {
          List<Spread> of = spreads.computeIfAbsent(target.getKey(), it -> new ArrayList<>());
          tally.spread().ifPresent(of::add);
        }
      }
    }
    return new HalfLoad(rate, possible < slowest, spreads, faults);
  }

  /**
   * How long it takes.
   *
   * @param rounds after the one that warms up
   * @param length of a turn
   * @param progress is told what goes on
   */
  record Turns(int rounds, Duration length, Progress progress) {}

  private static OpenLoop loop(URI address) {
    return new OpenLoop(address.resolve(Body.SMALL.path()), CONNECTIONS, Body.SMALL.content());
  }
}
