package dev.lockstep.sim.scope;

import dev.lockstep.sim.world.SimPod;
import dev.lockstep.sim.world.SimShell;
import dev.lockstep.sim.world.World;
import java.time.Duration;
import java.util.Optional;

/** A world in which things go wrong for a while: it knows when all of that is over. */
final class Stage {

  private final World world;
  private final FixedDraws draws;
  private int troubles;

  Stage(World world, FixedDraws draws) {
    this.world = world;
    this.draws = draws;
  }

  World world() {
    return world;
  }

  FixedDraws draws() {
    return draws;
  }

  /** Ends something that has just begun, after this time. */
  void endAfter(Duration time, Runnable end) {
    troubles++;
    world
        .scheduler()
        .after(
            time.toNanos(),
            () -> {
              troubles--;
              end.run();
            });
  }

  /** {@return whether everything that began has ended} */
  boolean isMended() {
    return troubles == 0;
  }

  /** {@return the pod at this place that is meant to stay} */
  Optional<SimPod> pod(int place) {
    return world.pods().existing().stream()
        .filter(pod -> pod.slot() == place && !pod.isLeaving())
        .findFirst();
  }

  /** {@return the process at this place, unless it is stopped} */
  Optional<SimShell> running(int place) {
    return pod(place).flatMap(SimPod::process).filter(shell -> !shell.isPaused());
  }
}
