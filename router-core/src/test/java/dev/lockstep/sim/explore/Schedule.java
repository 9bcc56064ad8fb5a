package dev.lockstep.sim.explore;

import dev.lockstep.core.protocol.Timings;
import dev.lockstep.sim.Convergence;
import dev.lockstep.sim.engine.Dice;
import dev.lockstep.sim.engine.Knobs;
import dev.lockstep.sim.engine.Marks;
import dev.lockstep.sim.engine.Paces;
import dev.lockstep.sim.engine.Rule;
import dev.lockstep.sim.engine.Scheduler;
import dev.lockstep.sim.engine.Trace;
import dev.lockstep.sim.world.World;
import java.time.Duration;
import java.util.Set;

/** One seed's life of a mesh: first faults and changes, then peace, in which it must converge. */
public final class Schedule {

  /** Peace is dull: only so many schedules watch it for long. */
  private static final double QUIET_SHARE = 0.1;

  private final Plan plan;
  private final World world;
  private final Faults faults;
  private final Workload workload;
  private final long troubled;
  private final boolean settledFirst;
  private final boolean quietAfter;

  /** Creates the schedule of a seed, in a world in which some rules may be broken. */
  public Schedule(long seed, Set<Rule> broken, Trace trace) {
    this(Plan.of(seed), broken, trace);
  }

  Schedule(Plan plan, Set<Rule> broken, Trace trace) {
    this.plan = plan;
    Dice dice = plan.knobDice();
    this.world = new World(plan.delays(), knobs(dice), broken, trace);
    this.faults = new Faults(world, plan, dice);
    this.workload = new Workload(world, plan, dice);
    Timings timings = world.knobs().timings();
    // Mostly short: many short lives meet more than a few long ones, and cost the same.
    int length = dice.oneOf(2, 2, 2, 2, 2, 3, 3, 4, 6, 12);
    this.troubled = timings.fenceTime().plus(timings.drainTime()).toNanos() * length / 2;
    this.settledFirst = dice.chance(0.3);
    this.quietAfter = dice.chance(QUIET_SHARE);
  }

  /** Runs it to its end; throws what went wrong. */
  public void run() {
    Timings timings = world.knobs().timings();
    world.trace("schedule", world.knobs() + " " + faults.kinds());
    world.start();
    if (settledFirst) {
      new Convergence(world).await(limit(timings));
    }
    workload.start();
    faults.start();
    world.run(troubled);
    workload.stop();
    faults.stop();
    world.trace("schedule", "peace");
    Convergence convergence = new Convergence(world);
    convergence.await(limit(timings));
    if (quietAfter) {
      convergence.staysQuiet();
    } else {
      convergence.expectOpen();
    }
  }

  /** {@return what it does} */
  Plan plan() {
    return plan;
  }

  /** {@return what it has met} */
  Marks marks() {
    return world.marks();
  }

  /** {@return its faults, as far as it has come} */
  Faults faults() {
    return faults;
  }

  /** {@return its users' acts, as far as it has come} */
  Workload workload() {
    return workload;
  }

  /** {@return how many events it took} */
  long events() {
    return world.scheduler().scheduled();
  }

  /** {@return how much time has passed in it, in nanoseconds} */
  long simulated() {
    return world.scheduler().now();
  }

  private static Duration limit(Timings timings) {
    return timings.fenceTime().plus(timings.drainTime()).plus(timings.lonelyTime()).multipliedBy(6);
  }

  private static Knobs knobs(Dice dice) {
    int replicas = dice.oneOf(1, 2, 2, 3, 3, 3, 3, 3, 4, 5, 6, 7);
    Timings timings =
        dice.chance(0.02)
            ? Timings.STANDARD
            : dice.oneOf(Paces.QUICK, Paces.QUICK, Paces.QUICK, Paces.QUICK, Paces.MIDDLE);
    long drain = timings.drainTime().toNanos();
    return new Knobs(
        replicas,
        timings,
        dice.oneOf(Scheduler.millis(0.5), Scheduler.millis(5), Scheduler.millis(60)),
        dice.oneOf(Scheduler.millis(3), Scheduler.millis(20), Scheduler.millis(120)),
        timings.renewDeadline().toNanos() / 3,
        dice.oneOf(Scheduler.millis(5), Scheduler.millis(200), Scheduler.millis(2000)),
        dice.oneOf(drain / 20, drain / 2, drain * 95 / 100),
        dice.oneOf(Scheduler.millis(50), Scheduler.millis(2000)),
        dice.oneOf(Scheduler.millis(1), Scheduler.millis(30), Scheduler.millis(300)),
        dice.oneOf(Scheduler.millis(500), Scheduler.millis(1000), 2 * drain),
        dice.oneOf(200, 10_000),
        dice.oneOf(1, 3));
  }
}
