package dev.lockstep.bench.proxy;

import dev.lockstep.bench.proxy.Contender.Product;
import dev.lockstep.bench.proxy.Programs.Program;
import dev.lockstep.bench.tool.Allocations;
import dev.lockstep.bench.tool.H2load;
import dev.lockstep.bench.tool.LoadFigures;
import dev.lockstep.bench.tool.SslTime;
import dev.lockstep.bench.tool.ToolRun;
import dev.lockstep.bench.tool.Wrk;
import dev.lockstep.local.process.Progress;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Measures a case: each contender in turn, and again, so that what changes on the machine meets all
 * of them. Confined to one thread.
 */
final class Rounds {
  private final Generators generators;
  private final ProxyOptions.Plan plan;
  private final Progress progress;

  Rounds(Generators generators, ProxyOptions.Plan plan, Progress progress) {
    this.generators = generators;
    this.plan = plan;
    this.progress = progress;
  }

  /**
   * Makes load.
   *
   * @param programs the tools that are there
   * @param runs runs them
   * @param threads that each of them uses
   */
  record Generators(Programs programs, ToolRun runs, int threads) {
    /** Fewer would leave the server idle while a client computes. */
    private static final int HANDSHAKERS = 4;

    /** {@return what the generator of this case says} */
    LoadFigures run(Case which, URI target, int seconds) {
      return switch (which.generator()) {
        case Case.Generator.OfWrk load ->
            new Wrk(programs.path(Program.WRK), threads)
                .run(runs, target, load.connections(), seconds);
        case Case.Generator.OfH2load load ->
            new H2load(programs.path(Program.H2LOAD), threads)
                .run(runs, target, new H2load.Load(load.connections(), seconds, load.protocol()));
        case Case.Generator.OfSslTime load ->
            new SslTime(programs.path(Program.OPENSSL), HANDSHAKERS)
                .run(runs, target, load.handshake(), seconds);
      };
    }
  }

  /** {@return what comes out of this case with these contenders} */
  CaseResult run(Case which, List<Contender> contenders) {
    progress.say(which.text() + ": warming up");
    contenders.forEach(it -> generators.run(which, which.target(it), plan.warmUpSeconds()));
    Map<Product, List<Sample>> samples = new EnumMap<>(Product.class);
    for (int round = 1; round <= plan.rounds(); round++) {
      progress.say(which.text() + ": round " + round + " of " + plan.rounds());
      for (Contender contender : contenders) {
        samples
            .computeIfAbsent(contender.product(), it -> new ArrayList<>())
            .add(measure(which, contender, plan.seconds()));
      }
    }
    return new CaseResult(which, samples);
  }

  /** {@return one turn of this contender} */
  Sample measure(Case which, Contender contender, int seconds) {
    Duration before = contender.processes().processorTime();
    LoadFigures load = generators.run(which, which.target(contender), seconds);
    return new Sample(load, contender.processes().processorTime().minus(before));
  }

  /** {@return the bytes that a Java process allocates for each request of this case} */
  double allocated(Case which, Contender contender, Allocations allocations) {
    progress.say(which.text() + ": what " + contender.product().text() + " allocates");
    long before = allocations.bytes();
    long requests = generators.run(which, which.target(contender), plan.seconds()).requests();
    return (double) (allocations.bytes() - before) / requests;
  }
}
