package dev.lockstep.sim.world;

import dev.lockstep.core.config.Digest;
import dev.lockstep.core.config.ObjectKey;
import dev.lockstep.core.config.Version;
import dev.lockstep.core.protocol.AckEntry;
import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.ReplicaId;
import dev.lockstep.core.protocol.Timings;
import dev.lockstep.sim.engine.Knobs;
import dev.lockstep.sim.engine.Mark;
import dev.lockstep.sim.engine.Marks;
import dev.lockstep.sim.engine.Rule;
import dev.lockstep.sim.engine.Scheduler;
import dev.lockstep.sim.engine.Trace;
import dev.lockstep.sim.invariant.Fact;
import dev.lockstep.sim.invariant.Invariant;
import dev.lockstep.sim.invariant.Invariants;
import dev.lockstep.sim.invariant.Mesh;
import dev.lockstep.sim.invariant.Violation;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Everything that there is. One virtual clock drives it; after each event, all invariants look at
 * it. Confined to the thread that runs it.
 */
public final class World implements Mesh {

  /** How many routing objects there can be. */
  public static final int OBJECTS = 6;

  private static final long STORM = 1_000_000;

  private final Scheduler scheduler;
  private final Knobs knobs;
  private final Set<Rule> broken;
  private final Marks marks = new Marks();
  private final Trace trace;
  private final Invariants invariants = new Invariants();
  private final List<Announced> notices = new ArrayList<>();
  private final ApiServer api;
  private final Endpoints endpoints;
  private final SimPods pods;
  private final SimSources sources;
  private final SimLease lease;
  private final SimNetwork network;
  private final Processes processes;
  private final Questions questions;

  /** Creates a world in which nothing runs yet and some rules may be broken. */
  public World(long seed, Knobs knobs, Set<Rule> broken, Trace trace) {
    this(new Scheduler(seed), knobs, broken, trace);
  }

  /** Creates a world on this clock. */
  public World(Scheduler scheduler, Knobs knobs, Set<Rule> broken, Trace trace) {
    this.trace = trace;
    this.scheduler = scheduler;
    this.knobs = knobs;
    this.broken = broken.isEmpty() ? EnumSet.noneOf(Rule.class) : EnumSet.copyOf(broken);
    this.api = new ApiServer(this);
    this.endpoints = new Endpoints(this);
    this.pods = new SimPods(this);
    this.sources = new SimSources(this);
    this.lease = new SimLease(this);
    this.network = new SimNetwork(this);
    this.processes = new Processes(this);
    this.questions = new Questions(this);
    new Clients(this).start();
  }

  /** Creates all pods of the Deployment and their processes. */
  public void start() {
    processes.start();
  }

  /** Runs what comes next until this moment; {@return whether something came} */
  public boolean runNext(long until) {
    boolean ran = scheduler.runNext(until);
    if (scheduler.scheduled() > STORM) {
      throw new Violation("a storm: " + STORM + " events in " + scheduler.now() + " ns");
    }
    if (ran) {
      invariants.check(this);
    }
    return ran;
  }

  /** Runs everything for so long. */
  public void run(long nanos) {
    long until = scheduler.now() + nanos;
    while (runNext(until)) {
      // Each event counts.
    }
  }

  // Parts.

  /** Lets one more observer look at everything. */
  public void watch(Invariant observer) {
    invariants.add(observer);
  }

  /** {@return the clock} */
  public Scheduler scheduler() {
    return scheduler;
  }

  /** {@return what the seed has turned} */
  public Knobs knobs() {
    return knobs;
  }

  /** {@return the API server} */
  public ApiServer api() {
    return api;
  }

  /** {@return the Lease} */
  public SimLease lease() {
    return lease;
  }

  /** {@return the pods} */
  public SimPods pods() {
    return pods;
  }

  /** {@return the routing objects} */
  public SimSources sources() {
    return sources;
  }

  /** {@return the connections} */
  public SimNetwork network() {
    return network;
  }

  /** {@return kubelets and Deployment} */
  public Processes processes() {
    return processes;
  }

  /** {@return the callers} */
  public Questions questions() {
    return questions;
  }

  /** {@return what clients can reach} */
  public Endpoints endpoints() {
    return endpoints;
  }

  /** {@return what this schedule has met} */
  public Marks marks() {
    return marks;
  }

  /** {@return all running processes} */
  public List<SimShell> running() {
    List<SimShell> running = new ArrayList<>();
    for (SimPod pod : pods.ever()) {
      pod.process().ifPresent(running::add);
    }
    return running;
  }

  /** {@return the key of the numbered routing object} */
  public static ObjectKey object(int number) {
    return SourceCache.key(number);
  }

  // What happens.

  /** {@return whether this pod's build knows everything in a config} */
  boolean reads(SimPod pod, Digest config) {
    return pod.build() == SimPod.Build.NEW || !sources.holds(config, Mesh.Form.MODERN);
  }

  boolean keeps(Rule rule) {
    return !broken.contains(rule);
  }

  /** Counts that this was met. */
  public void mark(Mark mark) {
    marks.hit(mark);
  }

  /** Keeps a line for whoever has to understand a failure. */
  public void trace(Object who, Object what) {
    trace.add(scheduler.now(), who, what);
  }

  /** {@return the last few hundred happenings} */
  public List<String> trace() {
    return trace.lines();
  }

  void fact(Fact fact) {
    invariants.observe(fact, this);
  }

  long delay(long most) {
    return scheduler.between(most / 10, most);
  }

  /** One announcement. */
  public record Announced(ReplicaId replica, Effect.Notice notice) {}

  /** {@return what replicas have announced since the last call, in order} */
  public List<Announced> takeNotices() {
    List<Announced> taken = List.copyOf(notices);
    notices.clear();
    return taken;
  }

  void announced(SimShell who, Effect.Notice notice) {
    notices.add(new Announced(who.id(), notice));
    switch (notice) {
      case Effect.LeadershipWon won -> mark(Mark.TOOK_OVER);
      case Effect.LeadershipLost lost -> mark(Mark.LEADERSHIP_LOST);
      case Effect.Suspended suspended -> mark(Mark.SUSPENDED);
      case Effect.Resumed resumed -> mark(Mark.RESUMED);
      case Effect.MemberChanged changed -> mark(memberMark(changed.kind()));
      case Effect.Refused refused -> mark(Mark.NACK);
      case Effect.Committed c -> {}
      case Effect.Served s -> {}
      case Effect.BarrierOpened b -> {}
      case Effect.Alarm a -> {}
      case Effect.Following f -> {}
    }
  }

  private static Mark memberMark(AckEntry.Kind kind) {
    return switch (kind) {
      case ACK, ADMITTED -> Mark.ADMITTED;
      case NACK -> Mark.NACK;
      case LATE -> Mark.LATE;
      case FENCED -> Mark.FENCED;
      case LEFT -> Mark.MEMBER_LEFT;
    };
  }

  // What the invariants see.

  @Override
  public void exposures(Exposure each) {
    for (SimPod pod : pods.ever()) {
      Optional<SimShell> process = pod.process();
      if (process.isPresent() && process.get().dataPlane().isRunning()) {
        process.get().dataPlane().expose(endpoints.lists(pod.id()), each);
      }
    }
  }

  @Override
  public long now() {
    return scheduler.now();
  }

  @Override
  public Timings timings() {
    return knobs.timings();
  }

  @Override
  public long revision() {
    return api.revision();
  }

  @Override
  public List<ObjectWrite> writes(ObjectKey object) {
    return sources.writes(object);
  }

  @Override
  public Map<ObjectKey, Long> contents(Digest config) {
    return sources.contents(config);
  }

  @Override
  public Optional<Version> served(ReplicaId replica) {
    return running().stream()
        .filter(process -> process.id().equals(replica))
        .map(process -> process.dataPlane().served())
        .findFirst();
  }
}
