package dev.lockstep.sim.world;

import dev.lockstep.core.Replica;
import dev.lockstep.core.ReplicaView;
import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.Event;
import dev.lockstep.core.protocol.Identity;
import dev.lockstep.core.protocol.LinkId;
import dev.lockstep.core.protocol.NanoTime;
import dev.lockstep.core.protocol.PodId;
import dev.lockstep.core.protocol.ReplicaId;
import dev.lockstep.core.protocol.Transition;
import dev.lockstep.sim.engine.Arrival;
import dev.lockstep.sim.engine.Mark;
import dev.lockstep.sim.engine.Scheduler;
import dev.lockstep.sim.engine.SpinWatch;
import dev.lockstep.sim.invariant.Fact;
import dev.lockstep.sim.invariant.Violation;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One run of one process: takes an event, steps, executes the effects in order, waits for the next
 * deadline. It can die between any two effects, and it can be stopped and woken.
 */
public final class SimShell {

  private static final long INBOUND_LINKS = 1L << 32; // Apart from those that the machine numbers.

  private final World world;
  private final SimPod pod;
  private final Identity identity;
  private final LocalClock clock;
  private final ArrayDeque<Event> inbox = new ArrayDeque<>();
  private final List<Runnable> deferred = new ArrayList<>();
  private final Map<LinkId, SimLink> links = new LinkedHashMap<>();
  private final DataPlane dataPlane;
  private final Executor executor;
  private Replica machine;
  private boolean alive = true;
  private boolean paused;
  private boolean left;
  private boolean busy;
  private boolean leading;
  private boolean leaseRequestUnderWay;
  private boolean committing;
  private long pausedAt;
  private long wakeAt = Long.MAX_VALUE;
  private long inboundLinks = INBOUND_LINKS;
  private long requests;
  private final SpinWatch spin = new SpinWatch();
  private int effectsUntilCrash = -1;

  SimShell(World world, SimPod pod) {
    this.world = world;
    this.pod = pod;
    ReplicaId run = pod.nextRun();
    this.identity = new Identity(run, pod.id(), pod.addressOf(run), "1.0");
    this.clock = LocalClock.any(world.scheduler(), world.knobs().clockDrift());
    this.dataPlane = new DataPlane(world, this);
    this.executor = new Executor(world, this);
    this.machine = Replica.create(identity, world.knobs().timings());
  }

  /** Begins: the ports are bound already, so nobody takes this process for dead. */
  void start() {
    world.fact(new Fact.Booted(id(), podId()));
    Optional<dev.lockstep.core.config.Snapshot> disk = pod.disk();
    if (disk.isPresent()) {
      world.mark(Mark.RESTART_WITH_SNAPSHOT);
    }
    after(world.delay(Scheduler.millis(20)), () -> deliver(new Event.Started(disk)));
  }

  /** {@return which run} */
  public ReplicaId id() {
    return identity.replica();
  }

  /** {@return of which pod} */
  public PodId podId() {
    return pod.id();
  }

  /** {@return the pod} */
  public SimPod pod() {
    return pod;
  }

  /** {@return what people would see} */
  public ReplicaView view() {
    return machine.view();
  }

  /** {@return whether it has announced a leadership and not its end} */
  public boolean isLeading() {
    return leading;
  }

  /** {@return whether the process exists} */
  public boolean isAlive() {
    return alive;
  }

  /** {@return whether it is stopped} */
  public boolean isPaused() {
    return paused;
  }

  /** {@return whether the data plane takes requests} */
  public boolean takesRequests() {
    return alive && !paused && dataPlane.takesRequests();
  }

  /** {@return how many requests it has sent to the API server} */
  public long requests() {
    return requests;
  }

  Identity identity() {
    return identity;
  }

  DataPlane dataPlane() {
    return dataPlane;
  }

  Map<LinkId, SimLink> links() {
    return links;
  }

  LinkId nextInboundLink() {
    return new LinkId(++inboundLinks);
  }

  boolean leaseRequestUnderWay() {
    return leaseRequestUnderWay;
  }

  void setLeaseRequestUnderWay(boolean underWay) {
    this.leaseRequestUnderWay = underWay;
    this.committing &= underWay;
  }

  /** {@return whether a write of the Lease with a new version is under way} */
  public boolean isCommitting() {
    return committing;
  }

  void setCommitting() {
    this.committing = true;
  }

  void countRequest() {
    requests++;
  }

  // Time.

  /** {@return this process's monotonic clock} */
  public NanoTime now() {
    return clock.at(world.scheduler().now());
  }

  /** Does this within the process: never if it is gone by then, later if it is stopped then. */
  void after(long nanos, Runnable action) {
    world.scheduler().after(nanos, () -> within(action));
  }

  /** The same, for what comes from outside and can be late by so much. */
  void arrives(long nanos, long slack, Runnable action) {
    world.scheduler().after(nanos, Arrival.within(slack, () -> within(action)));
  }

  private void within(Runnable action) {
    if (paused) {
      deferred.add(action);
    } else if (alive) {
      action.run();
    }
  }

  /** Does this outside the process, whatever has become of it. */
  void outside(long nanos, Runnable action) {
    world.scheduler().after(nanos, action);
  }

  // The loop.

  /** Puts an event into the loop. */
  public void deliver(Event event) {
    if (alive) {
      inbox.add(event);
      if (!paused && !busy) {
        next();
      }
    }
  }

  private void next() {
    Event event = inbox.poll();
    if (event != null) {
      step(event);
      if (alive && !inbox.isEmpty()) {
        pumpLater();
      }
    }
  }

  /** One event at a time, so that the invariants look at the world in between. */
  private void pumpLater() {
    busy = true;
    after(
        world.scheduler().between(1_000, 100_000),
        () -> {
          busy = false;
          next();
        });
  }

  private void step(Event event) {
    if (event instanceof Event.LoopPaused) {
      dataPlane.pauseSeen();
    }
    NanoTime now = now();
    Transition<Replica> transition;
    try {
      transition = machine.step(event, now);
    } catch (RuntimeException broken) {
      world.trace(this, event);
      throw new IllegalStateException(this + " breaks at " + event, broken);
    }
    machine = transition.state();
    world.trace(this, event);
    List<Effect> effects = transition.effects();
    int executed = execute(effects);
    world.fact(new Fact.Stepped(id(), podId(), now, event, effects.subList(0, executed)));
    if (executed < effects.size()) {
      world.mark(Mark.CRASH_WITHIN_STEP);
      world.mark(Mark.CRASH);
      world.processes().exited(pod);
    } else if (left) {
      world.processes().exited(pod);
    }
    if (alive) {
      if (spin.isSeen(event, world.scheduler().now())) {
        throw new Violation(this + " spins: its deadline never moves past " + now());
      }
      arm();
    }
  }

  private int execute(List<Effect> effects) {
    int done = 0;
    for (Effect effect : effects) {
      if (left) {
        throw new Violation(this + " has left and still wants " + effect);
      }
      if (effectsUntilCrash == 0 || world.processes().dies(effect)) {
        return done;
      }
      effectsUntilCrash = Math.max(-1, effectsUntilCrash - 1);
      world.trace(this, effect);
      executor.perform(effect);
      done++;
    }
    return done;
  }

  private void arm() {
    NanoTime deadline = machine.nextDeadline();
    if (deadline.equals(NanoTime.NEVER)) {
      return;
    }
    long early = now().isBefore(deadline) ? 1 : 0; // Clocks round: or it would be now for ever.
    long at = Math.max(world.scheduler().now() + early, clock.when(deadline));
    if (at < wakeAt) {
      wakeAt = at;
      world.scheduler().at(at, new Timer(at));
    }
  }

  /** The call to wake up at this moment. */
  private final class Timer implements Arrival {
    private final long at;

    private Timer(long at) {
      this.at = at;
    }

    @Override
    public void run() {
      if (isCurrent()) {
        wake();
      }
    }

    @Override
    public boolean postpone(Scheduler scheduler, long until) {
      return isCurrent() && !paused && Arrival.super.postpone(scheduler, until);
    }

    private boolean isCurrent() {
      return at == wakeAt && alive; // Else an earlier deadline has taken its place.
    }
  }

  private void wake() {
    wakeAt = Long.MAX_VALUE;
    if (now().isBefore(machine.nextDeadline())) {
      arm();
    } else if (!paused) { // Else waking up arms anew.
      deliver(new Event.TimePassed());
    }
  }

  /** It leads, or not, as it has announced. */
  void setLeading(boolean leading) {
    this.leading = leading;
  }

  /** It asked to leave: nothing may come after that. */
  void leave() {
    left = true;
  }

  // Faults.

  /** It will die before it executes the effect after so many more. */
  public void crashAfter(int effects) {
    effectsUntilCrash = effects;
  }

  /** SIGSTOP: its clock goes on, what comes for it waits. */
  public void pause() {
    if (alive && !paused) {
      paused = true;
      pausedAt = world.scheduler().now();
      world.trace(this, "paused");
    }
  }

  /** Its machine's thread stands still, and the event loops go on without it. */
  public void stall() {
    dataPlane.goOnAlone();
    pause();
  }

  /** SIGCONT: the loops and the timers race. */
  public void resume() {
    if (!alive || !paused) {
      return;
    }
    world.trace(this, "resumed");
    paused = false;
    dataPlane.woken(world.scheduler().now() - pausedAt);
    List<Runnable> late = List.copyOf(deferred);
    deferred.clear();
    long delay = 0;
    for (Runnable action : late) { // In their order: one may depend on the other.
      delay += world.scheduler().between(0, Scheduler.millis(1));
      after(delay, action);
    }
    wakeAt = Long.MAX_VALUE;
    arm();
    if (!busy && !inbox.isEmpty()) {
      pumpLater();
    }
  }

  /** The process is no more. */
  void die(boolean silently) {
    alive = false;
    paused = false;
    for (SimLink link : List.copyOf(links.values())) {
      link.died(this, silently);
    }
    links.clear();
    world.pods().unfollow(this);
    world.sources().stop(this);
    world.fact(new Fact.Ended(id()));
    world.trace(this, silently ? "power lost" : "gone");
  }

  @Override
  public String toString() {
    return id().toString();
  }
}
