package dev.lockstep.bench.proxy;

import dev.lockstep.bench.proxy.Contender.Product;
import dev.lockstep.bench.proxy.Programs.Program;
import dev.lockstep.bench.tool.Allocations;
import dev.lockstep.bench.tool.ProcessTree;
import dev.lockstep.local.process.Place;
import dev.lockstep.local.process.Progress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The data plane of one Lockstep process beside nginx and HAProxy, in front of one backend. Every
 * contender first answers every body, exactly; then each case is measured in rounds. Never judges a
 * speed: it fails on wrong answers and lost requests alone.
 */
public final class ProxyBench {
  private final ProxyOptions options;
  private final Programs programs;
  private final Progress progress;
  private final List<String> missing = new ArrayList<>();
  private final List<String> faults = new ArrayList<>();

  private ProxyBench(ProxyOptions options, Programs programs, Progress progress) {
    this.options = options;
    this.programs = programs;
    this.progress = progress;
  }

  /** {@return why nothing can be measured on this machine, and what to do; mostly empty} */
  public static Optional<String> hopeless(ProxyOptions options) {
    if (!ProcessTree.told()) {
      return Optional.of("no /proc/PID/stat (expected: Linux)");
    }
    return programs().hopeless(options.cases());
  }

  /** Runs it in this place, which the caller closes. */
  public static ProxyReport run(ProxyOptions options, Place place) throws InterruptedException {
    return new ProxyBench(options, programs(), place.progress()).run(place);
  }

  private static Programs programs() {
    return Programs.find(System.getenv().getOrDefault("PATH", "/usr/bin:/bin"));
  }

  private ProxyReport run(Place place) throws InterruptedException {
    int threads = Runtime.getRuntime().availableProcessors();
    missing.addAll(programs.missing());
    Stage stage = Stage.start(place, options.root(), programs, threads);
    Rounds.Generators generators = new Rounds.Generators(programs, stage.tools(), threads);
    Router.Running router = stage.router().start(threads);
    Rounds rounds = new Rounds(generators, options.plan(), progress);
    Optional<ColdStart> coldStart = coldStart(router, rounds);
    Contender lockstep = router.contender();
    List<Contender> contenders =
        Stream.concat(stage.others().stream(), Stream.of(lockstep)).toList();
    Verification verification = new Verification(stage.authority().certificatePem());
    List<String> wrong =
        contenders.stream().flatMap(it -> verification.faults(it).stream()).toList();
    faults.addAll(wrong);
    // Who answers wrong may be as fast as it likes.
    List<CaseResult> results =
        wrong.isEmpty() ? cases(rounds, contenders, verification) : List.of();
    Optional<HalfLoad> halfLoad = halfLoad(results, contenders, stage.backend());
    Map<Product, Long> memory = new EnumMap<>(Product.class);
    contenders.forEach(it -> memory.put(it.product(), it.processes().peakBytes()));
    Map<Case, Double> allocated = allocated(rounds, results, lockstep);
    return new ProxyReport(
        new ProxyReport.Conditions(options.plan(), threads),
        results,
        new ProxyReport.Extras(coldStart, halfLoad, memory, allocated),
        faults,
        missing);
  }

  private Optional<ColdStart> coldStart(Router.Running router, Rounds rounds)
      throws InterruptedException {
    if (!programs.has(Program.WRK) || !options.cases().contains(Case.HTTP_SMALL)) {
      missing.add("cold start (needs wrk and the case " + Case.HTTP_SMALL.key() + ")");
      return Optional.empty();
    }
    ColdStart curve = ColdStart.measure(router, rounds, options.plan().coldStarts());
    faults.addAll(curve.faults());
    return Optional.of(curve);
  }

  private List<CaseResult> cases(
      Rounds rounds, List<Contender> contenders, Verification verification) {
    List<CaseResult> results = new ArrayList<>();
    for (Case which : options.cases()) {
      Program program = Program.of(which.generator());
      if (!programs.has(program)) {
        missing.add(which.key() + " (" + program.missing() + ")");
        continue;
      }
      CaseResult result = rounds.run(which, able(which, contenders, verification));
      faults.addAll(result.faults());
      results.add(result);
      progress.say(which.key() + ": " + result.text(Quantity.CPU));
    }
    return results;
  }

  /** Last of all: a process that answers us about itself holds more memory than before. */
  private Map<Case, Double> allocated(Rounds rounds, List<CaseResult> results, Contender lockstep) {
    Map<Case, Double> allocated = new EnumMap<>(Case.class);
    Optional<Allocations> allocations = Allocations.of(lockstep.processes().root());
    if (allocations.isEmpty()) {
      missing.add("bytes allocated per request (the process does not let us attach)");
      return allocated;
    }
    try (Allocations counts = allocations.get()) {
      for (CaseResult result : results) {
        if (result.samples().containsKey(Product.LOCKSTEP)) {
          allocated.put(result.which(), rounds.allocated(result.which(), lockstep, counts));
        }
      }
    }
    return allocated;
  }

  private List<Contender> able(Case which, List<Contender> contenders, Verification verification) {
    return which.speaksHttp2()
        ? contenders.stream().filter(verification::negotiatesHttp2).toList()
        : contenders;
  }

  private Optional<HalfLoad> halfLoad(
      List<CaseResult> results, List<Contender> contenders, int backend) {
    List<Double> rates =
        results.stream()
            .filter(it -> it.which() == Case.HTTP_SMALL)
            .flatMap(it -> it.samples().keySet().stream().map(who -> it.middle(who, Quantity.RATE)))
            .flatMap(Optional::stream)
            .map(it -> it.median())
            .toList();
    if (rates.isEmpty()) {
      missing.add("latency at half load (needs the case " + Case.HTTP_SMALL.key() + ")");
      return Optional.empty();
    }
    double slowest = rates.stream().mapToDouble(Double::doubleValue).min().orElseThrow();
    HalfLoad.Turns turns =
        new HalfLoad.Turns(
            options.plan().rounds(), Duration.ofSeconds(options.plan().seconds()), progress);
    HalfLoad halfLoad = HalfLoad.measure(contenders, backend, slowest, turns);
    faults.addAll(halfLoad.faults());
    return Optional.of(halfLoad);
  }
}
