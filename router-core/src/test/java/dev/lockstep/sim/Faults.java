package dev.lockstep.sim;

import dev.lockstep.core.protocol.Timings;
import dev.lockstep.sim.engine.Mark;
import dev.lockstep.sim.engine.Scheduler;
import dev.lockstep.sim.world.SimPod;
import dev.lockstep.sim.world.SimShell;
import dev.lockstep.sim.world.World;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What goes wrong. Each schedule draws a subset of the kinds (swarm testing: what never happens
 * makes room for what does) and a pace, then lets them happen to whomever chance picks.
 */
final class Faults {

  /** One kind of trouble. */
  enum Kind {
    CRASH,
    POWER_LOSS,
    PAUSE,
    STOP,
    REPLACE_POD,
    FORCE_DELETE_POD,
    TOUCH_POD,
    CUT_LINK,
    ISOLATE,
    BREAK_LINK,
    API_AWAY,
    API_CUT,
    API_TROUBLE,
    WATCH_STALL,
    STALE_RELIST,
    LEASE_DELETE,
    LEASE_TOUCH,
    LEASE_ROLL_BACK,
    SLOW_INSTALL,
    FAILED_INSTALL,
    EVERYBODY_RESTARTS
  }

  private final World world;
  private final Scheduler scheduler;
  private final Timings timings;
  private final List<Kind> kinds = new ArrayList<>();
  private final long pause;
  private boolean stopped;
  private int names;

  Faults(World world) {
    this.world = world;
    this.scheduler = world.scheduler();
    this.timings = world.knobs().timings();
    double share = scheduler.oneOf(0.1, 0.25, 0.5, 1.0);
    for (Kind kind : Kind.values()) {
      if (scheduler.chance(share)) {
        kinds.add(kind);
      }
    }
    this.pause = timings.leaseDuration().toNanos() / scheduler.oneOf(1, 2, 4);
  }

  List<Kind> kinds() {
    return kinds;
  }

  void start() {
    if (!kinds.isEmpty()) {
      scheduler.after(scheduler.between(0, 2 * pause), this::act);
    }
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
      pod.process().ifPresent(SimShell::resume);
      pod.process().ifPresent(process -> process.crashAfter(-1));
      world.processes().boot(pod);
    }
  }

  private void act() {
    if (stopped) {
      return;
    }
    inject(kinds.get(scheduler.below(kinds.size())));
    scheduler.after(scheduler.between(pause / 10, 2 * pause), this::act);
  }

  private void inject(Kind kind) {
    world.trace("fault", kind);
    switch (kind) {
      case CRASH -> somebody().ifPresent(this::crash);
      case POWER_LOSS -> somebody().ifPresent(pod -> loseAndBoot(pod, true));
      case PAUSE -> somebody().ifPresent(this::pause);
      case STOP -> somebody().ifPresent(world.processes()::stop);
      case REPLACE_POD ->
          somebody().ifPresent(pod -> world.processes().replace(pod, nextName(pod)));
      case FORCE_DELETE_POD ->
          somebody().ifPresent(pod -> world.processes().forceDelete(pod, nextName(pod)));
      case TOUCH_POD -> somebody().ifPresent(world.pods()::touch);
      case CUT_LINK -> cutLink();
      case ISOLATE -> somebody().ifPresent(this::isolate);
      case BREAK_LINK -> world.network().breakOne(scheduler.chance(0.3));
      case API_AWAY -> forAWhile(() -> world.api().setAway(true), () -> world.api().setAway(false));
      case API_CUT -> somebody().ifPresent(this::cutFromApi);
      case API_TROUBLE ->
          forAWhile(
              () -> world.api().setTrouble(scheduler.oneOf(0.05, 0.2, 0.5)),
              () -> world.api().setTrouble(0));
      case WATCH_STALL -> somebody().flatMap(SimPod::process).ifPresent(this::stallWatch);
      case STALE_RELIST ->
          somebody().flatMap(SimPod::process).ifPresent(world.sources()::staleRelist);
      case LEASE_DELETE -> world.lease().delete();
      case LEASE_TOUCH -> {
        world.mark(Mark.LEASE_TOUCHED);
        world.lease().edit(lease -> lease);
      }
      case LEASE_ROLL_BACK -> world.lease().rollBack();
      case SLOW_INSTALL ->
          somebody().ifPresent(pod -> forAWhile(() -> pod.setSlow(true), () -> pod.setSlow(false)));
      case FAILED_INSTALL ->
          somebody()
              .ifPresent(pod -> forAWhile(() -> pod.setFailing(true), () -> pod.setFailing(false)));
      case EVERYBODY_RESTARTS ->
          world.pods().existing().forEach(pod -> loseAndBoot(pod, scheduler.chance(0.5)));
    }
  }

  /** Leaders are where the interesting things happen. */
  private Optional<SimPod> somebody() {
    List<SimPod> pods = world.pods().existing();
    List<SimPod> leaders =
        pods.stream().filter(p -> p.process().map(SimShell::isLeading).orElse(false)).toList();
    List<SimPod> choice = !leaders.isEmpty() && scheduler.chance(0.4) ? leaders : pods;
    return choice.isEmpty()
        ? Optional.empty()
        : Optional.of(choice.get(scheduler.below(choice.size())));
  }

  private String nextName(SimPod pod) {
    boolean sameName = scheduler.chance(0.2); // As a StatefulSet would.
    return sameName ? pod.id().name() : "r" + (pod.slot() + 1) + "n" + ++names;
  }

  private long aWhile() {
    return switch (scheduler.below(4)) {
      case 0 -> scheduler.between(1, timings.linkSilence().toNanos());
      case 1 -> scheduler.between(1, 2 * timings.leaseDuration().toNanos());
      case 2 -> scheduler.between(1, 2 * timings.fenceTime().toNanos());
      default ->
          scheduler.between(1, timings.fenceTime().plus(timings.drainTime()).toNanos() * 3 / 2);
    };
  }

  private void forAWhile(Runnable begin, Runnable end) {
    begin.run();
    scheduler.after(aWhile(), end);
  }

  private void crash(SimPod pod) {
    if (pod.process().isPresent() && scheduler.chance(0.7)) {
      pod.process().get().crashAfter(scheduler.below(30));
      bootLater(pod, timings.linkSilence().toNanos());
    } else {
      loseAndBoot(pod, false);
    }
  }

  private void loseAndBoot(SimPod pod, boolean silently) {
    world.processes().crash(pod, silently);
    if (scheduler.chance(0.1)) {
      world.mark(Mark.DISK_LOST);
      pod.setDisk(Optional.empty());
    }
    bootLater(pod, 0);
  }

  private void bootLater(SimPod pod, long atLeast) {
    long quick = scheduler.between(Scheduler.millis(20), Scheduler.millis(1000));
    long pause = scheduler.chance(0.7) ? quick : aWhile();
    scheduler.after(atLeast + pause, () -> world.processes().boot(pod));
  }

  private void pause(SimPod pod) {
    pod.process()
        .ifPresent(
            process -> {
              long time = aWhile();
              boolean isLong = time > timings.fenceTime().toNanos();
              world.mark(isLong ? Mark.PAUSE_LONG : Mark.PAUSE_SHORT);
              process.pause();
              scheduler.after(time, process::resume);
            });
  }

  private void cutLink() {
    int a = scheduler.below(world.knobs().replicas());
    int b = scheduler.below(world.knobs().replicas());
    cut(a, b, scheduler.chance(0.5));
  }

  private void isolate(SimPod pod) {
    int direction = scheduler.below(3);
    for (int other = 0; other < world.knobs().replicas(); other++) {
      if (other != pod.slot()) {
        switch (direction) {
          case 0 -> cut(pod.slot(), other, false);
          case 1 -> cut(other, pod.slot(), false);
          default -> cut(pod.slot(), other, true);
        }
      }
    }
  }

  private void cut(int from, int to, boolean bothWays) {
    if (from == to) {
      return;
    }
    world.mark(bothWays ? Mark.CUT_BOTH_WAYS : Mark.CUT_ONE_WAY);
    forAWhile(() -> setCut(from, to, bothWays, true), () -> setCut(from, to, bothWays, false));
  }

  private void setCut(int from, int to, boolean bothWays, boolean cut) {
    world.network().setCut(from, to, cut);
    if (bothWays) {
      world.network().setCut(to, from, cut);
    }
  }

  private void cutFromApi(SimPod pod) {
    forAWhile(() -> world.api().setCut(pod.id(), true), () -> world.api().setCut(pod.id(), false));
  }

  private void stallWatch(SimShell shell) {
    if (scheduler.chance(0.5)) {
      world.pods().stallWatch(shell, aWhile());
    } else {
      world.sources().stallWatch(shell, scheduler.below(2), aWhile());
    }
  }
}
