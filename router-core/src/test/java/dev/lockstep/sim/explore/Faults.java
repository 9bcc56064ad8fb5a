package dev.lockstep.sim.explore;

import dev.lockstep.sim.engine.Dice;
import dev.lockstep.sim.world.SimPod;
import dev.lockstep.sim.world.SimShell;
import dev.lockstep.sim.world.World;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * What goes wrong. Each schedule draws a subset of the kinds (swarm testing: what never happens
 * makes room for what does) and a pace, then lets them happen to whomever chance picks. Each fault
 * has a number and dice of its own, so that a plan can leave one out without changing the others.
 */
final class Faults {

  /** One kind of trouble. */
  enum Kind {
    CRASH,
    POWER_LOSS,
    PAUSE,
    STOP,
    EVERYBODY_RESTARTS,
    REPLACE_POD,
    FORCE_DELETE_POD,
    OTHER_BUILD,
    SCALE,
    TOUCH_POD,
    CUT_LINK,
    ISOLATE,
    SWIZZLE,
    BREAK_LINK,
    TOKEN_EXPIRES,
    API_AWAY,
    API_CUT,
    API_TROUBLE,
    WATCH_STALL,
    WATCH_EXPIRES,
    STALE_RELIST,
    LEASE_DELETE,
    LEASE_TOUCH,
    LEASE_EDIT,
    LEASE_FORCE,
    LEASE_ROLL_BACK,
    SLOW_INSTALL,
    FAILED_INSTALL
  }

  private final World world;
  private final Plan plan;
  private final Coverage coverage = new Coverage();
  private final List<Kind> kinds = new ArrayList<>();
  private final List<Integer> struck = new ArrayList<>();
  private final long pause;
  private boolean stopped;

  Faults(World world, Plan plan, Dice dice) {
    this.world = world;
    this.plan = plan;
    double share = dice.oneOf(0.1, 0.25, 0.5, 1.0);
    for (Kind kind : Kind.values()) {
      if (dice.chance(share)) {
        kinds.add(kind);
      }
    }
    this.pause = world.knobs().timings().leaseDuration().toNanos() / dice.oneOf(1, 2, 4);
  }

  List<Kind> kinds() {
    return kinds;
  }

  /** {@return which kinds have struck in which phases} */
  Coverage coverage() {
    return coverage;
  }

  /** {@return the numbers of those that took effect} */
  List<Integer> struck() {
    return struck;
  }

  void start() {
    if (!kinds.isEmpty()) {
      prepare(0);
    }
  }

  private void prepare(int number) {
    Dice dice = plan.faultDice(number);
    long wait = dice.between(pause / 10, 2 * pause);
    world.scheduler().after(wait, () -> act(number, dice));
  }

  private void act(int number, Dice dice) {
    if (stopped) {
      return;
    }
    Kind kind = kinds.get(dice.below(kinds.size()));
    if (plan.hasFault(number)) {
      world.trace("fault " + number, kind);
      Set<Phase> phases = Phase.of(world);
      if (new Injection(world, dice, () -> stopped).inject(kind)) {
        coverage.hit(kind, phases);
        struck.add(number);
      }
    }
    prepare(number + 1);
  }

  /** Everything that was broken is mended; who is down comes back. */
  void stop() {
    stopped = true;
    world.api().setTrouble(0);
    world.api().setAway(false);
    world.network().mendAll();
    for (SimPod pod : world.pods().existing()) {
      world.api().setCut(pod.id(), false);
      pod.setSlow(false);
      pod.setFailing(false);
      pod.setTokenExpired(false);
      pod.process().ifPresent(SimShell::resume);
      pod.process().ifPresent(process -> process.crashAfter(-1));
      world.processes().boot(pod);
    }
  }
}
