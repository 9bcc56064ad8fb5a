package dev.lockstep.sim.explore;

import dev.lockstep.core.config.Epoch;
import dev.lockstep.core.config.Version;
import dev.lockstep.core.protocol.Lease;
import dev.lockstep.core.protocol.ReplicaId;
import dev.lockstep.core.protocol.Timings;
import dev.lockstep.sim.engine.Dice;
import dev.lockstep.sim.engine.Mark;
import dev.lockstep.sim.engine.Scheduler;
import dev.lockstep.sim.world.SimPod;
import dev.lockstep.sim.world.SimShell;
import dev.lockstep.sim.world.World;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** One fault that strikes now, and the end of it; its dice decide whom, how and for how long. */
final class Injection {

  private static final int MOST_REPLICAS = 7;

  private final World world;
  private final Dice dice;
  private final BooleanSupplier peace;
  private final Timings timings;

  /** Makes a fault that begins nothing any more once there is peace. */
  Injection(World world, Dice dice, BooleanSupplier peace) {
    this.world = world;
    this.dice = dice;
    this.peace = peace;
    this.timings = world.knobs().timings();
  }

  /** Does it; {@return whether there was something to do it to} */
  boolean inject(Faults.Kind kind) {
    return switch (kind) {
      case CRASH -> process(this::crash);
      case POWER_LOSS -> process(process -> lose(process.pod(), true));
      case PAUSE -> process(this::pause);
      case STOP -> process(process -> world.processes().stop(process.pod()));
      case EVERYBODY_RESTARTS -> everybodyRestarts();
      case REPLACE_POD -> pod(pod -> world.processes().replace(pod, nextName(pod), pod.build()));
      case FORCE_DELETE_POD -> pod(pod -> world.processes().forceDelete(pod, nextName(pod)));
      case OTHER_BUILD -> pod(this::changeBuild);
      case SCALE -> always(() -> world.processes().scale(1 + dice.below(MOST_REPLICAS)));
      case TOUCH_POD -> pod(world.pods()::touch);
      case CUT_LINK -> cutLink();
      case ISOLATE -> pod(this::isolate);
      case SWIZZLE -> swizzle();
      case BREAK_LINK -> world.network().breakOne(dice.chance(0.3));
      case TOKEN_EXPIRES ->
          pod(pod -> forAWhile(() -> pod.setTokenExpired(true), () -> pod.setTokenExpired(false)));
      case API_AWAY ->
          always(
              () -> forAWhile(() -> world.api().setAway(true), () -> world.api().setAway(false)));
      case API_CUT -> pod(this::cutFromApi);
      case API_TROUBLE -> always(this::troubleApi);
      case WATCH_STALL -> process(this::stallWatch);
      case WATCH_EXPIRES -> process(this::expireWatch);
      case STALE_RELIST -> process(world.sources()::staleRelist);
      case LEASE_DELETE -> lease(lease -> world.lease().delete());
      case LEASE_TOUCH -> lease(lease -> touchLease());
      case LEASE_EDIT -> lease(lease -> world.lease().edit(this::edited));
      case LEASE_FORCE -> lease(this::forceLeader);
      case LEASE_ROLL_BACK -> world.lease().rollBack();
      case SLOW_INSTALL -> pod(pod -> forAWhile(() -> pod.setSlow(true), () -> pod.setSlow(false)));
      case FAILED_INSTALL ->
          pod(pod -> forAWhile(() -> pod.setFailing(true), () -> pod.setFailing(false)));
    };
  }

  // Whom.

  private boolean pod(Consumer<SimPod> fault) {
    Optional<SimPod> chosen = somebody();
    chosen.ifPresent(fault);
    return chosen.isPresent();
  }

  private boolean process(Consumer<SimShell> fault) {
    Optional<SimShell> chosen = somebody().flatMap(SimPod::process);
    chosen.ifPresent(fault);
    return chosen.isPresent();
  }

  private boolean lease(Consumer<Lease> fault) {
    Optional<Lease> now = world.lease().object();
    now.ifPresent(fault);
    return now.isPresent();
  }

  private static boolean always(Runnable fault) {
    fault.run();
    return true;
  }

  /** Leaders are where the interesting things happen. */
  private Optional<SimPod> somebody() {
    List<SimPod> pods = world.pods().existing();
    List<SimPod> leaders =
        pods.stream().filter(p -> p.process().map(SimShell::isLeading).orElse(false)).toList();
    List<SimPod> choice = !leaders.isEmpty() && dice.chance(0.4) ? leaders : pods;
    return choice.isEmpty() ? Optional.empty() : Optional.of(choice.get(dice.below(choice.size())));
  }

  // For how long.

  private long aWhile() {
    return switch (dice.below(4)) {
      case 0 -> dice.between(1, timings.linkSilence().toNanos());
      case 1 -> dice.between(1, 2 * timings.leaseDuration().toNanos());
      case 2 -> dice.between(1, 2 * timings.fenceTime().toNanos());
      default -> dice.between(1, timings.fenceTime().plus(timings.drainTime()).toNanos() * 3 / 2);
    };
  }

  private void forAWhile(Runnable begin, Runnable end) {
    begin.run();
    world.scheduler().after(aWhile(), end);
  }

  // Processes and pods.

  private void crash(SimShell process) {
    if (dice.chance(0.7)) {
      process.crashAfter(dice.below(30));
    } else {
      lose(process.pod(), false);
    }
  }

  private void lose(SimPod pod, boolean silently) {
    world.processes().crash(pod, silently);
    if (dice.chance(0.1)) {
      world.mark(Mark.DISK_LOST);
      pod.setDisk(Optional.empty());
    }
    if (silently && dice.chance(0.5)) {
      long outage = dice.between(1, 2 * world.knobs().nodeGrace());
      world.scheduler().after(outage, () -> world.processes().restart(pod));
    } else {
      world.processes().restart(pod);
    }
  }

  private boolean everybodyRestarts() {
    List<SimPod> pods = world.pods().existing();
    pods.forEach(pod -> lose(pod, dice.chance(0.5)));
    return !pods.isEmpty();
  }

  private void pause(SimShell process) {
    long time = aWhile();
    boolean isLong = time > timings.fenceTime().toNanos();
    world.mark(isLong ? Mark.PAUSE_LONG : Mark.PAUSE_SHORT);
    if (dice.chance(0.3)) {
      world.mark(Mark.MACHINE_STALLED);
      process.stall();
    } else {
      process.pause();
    }
    world.scheduler().after(time, process::resume);
  }

  private void changeBuild(SimPod pod) {
    world.mark(Mark.OTHER_BUILD);
    SimPod.Build other = pod.build() == SimPod.Build.NEW ? SimPod.Build.OLD : SimPod.Build.NEW;
    world.processes().replace(pod, nextName(pod), other);
  }

  private String nextName(SimPod pod) {
    boolean sameName = dice.chance(0.2); // As a StatefulSet would.
    return sameName ? pod.id().name() : "r" + (pod.slot() + 1) + "n" + dice.below(1_000_000);
  }

  // The network.

  private boolean cutLink() {
    List<SimPod> pods = world.pods().existing();
    if (pods.size() < 2) {
      return false;
    }
    int from = pods.get(dice.below(pods.size())).slot();
    int to = pods.get(dice.below(pods.size())).slot();
    return cut(from, to, dice.chance(0.5));
  }

  private void isolate(SimPod pod) {
    int direction = dice.below(3);
    for (SimPod other : world.pods().existing()) {
      switch (direction) {
        case 0 -> cut(pod.slot(), other.slot(), false);
        case 1 -> cut(other.slot(), pod.slot(), false);
        default -> cut(pod.slot(), other.slot(), true);
      }
    }
  }

  private boolean cut(int from, int to, boolean bothWays) {
    if (from == to) {
      return false;
    }
    world.mark(bothWays ? Mark.CUT_BOTH_WAYS : Mark.CUT_ONE_WAY);
    forAWhile(() -> setCut(from, to, bothWays, true), () -> setCut(from, to, bothWays, false));
    return true;
  }

  private void setCut(int from, int to, boolean bothWays, boolean cut) {
    world.network().setCut(from, to, cut);
    if (bothWays) {
      world.network().setCut(to, from, cut);
    }
  }

  /** One after the other is cut off, and then they come back in another order. */
  private boolean swizzle() {
    List<SimPod> pods = new ArrayList<>(world.pods().existing());
    pods.removeIf(pod -> dice.chance(0.4));
    long cutAt = 0;
    for (SimPod pod : pods) {
      cutAt += dice.between(1, timings.linkSilence().toNanos() / 2);
      world.scheduler().after(cutAt, () -> setCutFromAll(pod, !peace.getAsBoolean()));
    }
    List<SimPod> back = new ArrayList<>(pods);
    long mendAt = cutAt + aWhile();
    while (!back.isEmpty()) {
      SimPod pod = back.remove(dice.below(back.size()));
      mendAt += dice.between(1, timings.linkSilence().toNanos() / 2);
      world.scheduler().after(mendAt, () -> setCutFromAll(pod, false));
    }
    world.mark(Mark.SWIZZLED);
    return !pods.isEmpty();
  }

  private void setCutFromAll(SimPod pod, boolean cut) {
    for (SimPod other : world.pods().existing()) {
      if (other.slot() != pod.slot()) {
        setCut(pod.slot(), other.slot(), true, cut);
      }
    }
  }

  // The API server.

  private void cutFromApi(SimPod pod) {
    forAWhile(() -> world.api().setCut(pod.id(), true), () -> world.api().setCut(pod.id(), false));
  }

  private void troubleApi() {
    double share = dice.oneOf(0.05, 0.2, 0.5);
    forAWhile(() -> world.api().setTrouble(share), () -> world.api().setTrouble(0));
  }

  private void stallWatch(SimShell process) {
    if (dice.chance(0.5)) {
      world.pods().stallWatch(process, aWhile());
    } else {
      world.sources().stallWatch(process, dice.below(2), aWhile());
    }
  }

  private void expireWatch(SimShell process) {
    if (dice.chance(0.5)) {
      world.pods().expireWatch(process);
    } else {
      long refused = dice.chance(0.3) ? aWhile() : Scheduler.millis(1);
      world.sources().expireWatch(process, dice.below(2), refused);
    }
  }

  // The Lease, by hand.

  private void touchLease() {
    world.mark(Mark.LEASE_TOUCHED);
    world.lease().edit(lease -> lease);
  }

  /** Two leaders at once, if anybody believed it: the Lease names somebody who did not ask. */
  private void forceLeader(Lease lease) {
    List<ReplicaId> others =
        world.running().stream().map(SimShell::id).filter(id -> !lease.isHeldBy(id)).toList();
    if (!others.isEmpty()) {
      world.mark(Mark.LEASE_FORCED);
      Optional<ReplicaId> holder = Optional.of(others.get(dice.below(others.size())));
      world.lease().edit(now -> with(now, holder, now.epoch(), now.version()));
    }
  }

  private Lease edited(Lease lease) {
    world.mark(Mark.LEASE_EDITED);
    Epoch epoch = lease.epoch();
    Version version = lease.version();
    return switch (dice.below(7)) {
      case 0 -> with(lease, Optional.empty(), epoch, version);
      case 1 -> with(lease, lease.holder(), less(epoch), version);
      case 2 -> with(lease, lease.holder(), epoch, less(version));
      case 3 -> with(lease, lease.holder(), new Epoch(epoch.value() + 1 + dice.below(3)), version);
      case 4 ->
          with(lease, lease.holder(), epoch, new Version(version.value() + 1 + dice.below(9)));
      case 5 -> {
        Duration duration = Duration.ofSeconds(1 + dice.below(10));
        yield lease.forWrite(lease.nonce(), duration, lease.successors());
      }
      default -> {
        String nonce = dice.chance(0.5) ? "" : "edited";
        yield lease.forWrite(nonce, lease.duration(), lease.successors());
      }
    };
  }

  private Epoch less(Epoch epoch) {
    return new Epoch(dice.between(0, epoch.value()));
  }

  private Version less(Version version) {
    return new Version(dice.between(0, version.value()));
  }

  private static Lease with(Lease lease, Optional<ReplicaId> holder, Epoch epoch, Version version) {
    return new Lease(
        lease.uid(),
        lease.resourceVersion(),
        holder,
        lease.duration(),
        epoch,
        version,
        lease.digest(),
        lease.nonce(),
        lease.leader(),
        lease.successors());
  }
}
