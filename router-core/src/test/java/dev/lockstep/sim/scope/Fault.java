package dev.lockstep.sim.scope;

import dev.lockstep.sim.world.SimPod;
import dev.lockstep.sim.world.SimShell;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * One thing that can go wrong at any moment, to somebody in particular, for a certain time.
 *
 * @param name as a trace shows it
 * @param act lets it happen
 */
record Fault(String name, Act act) {

  static final Duration MOMENT = Duration.ofMillis(60);
  static final Duration SILENCE = Scope.TIMINGS.linkSilence().plusMillis(100);
  static final Duration LEASE = Scope.TIMINGS.leaseDuration().plusMillis(300);
  static final Duration FENCE = Scope.TIMINGS.fenceTime().plusMillis(200);
  static final Duration DRAINED =
      Scope.TIMINGS.fenceTime().plus(Scope.TIMINGS.drainTime()).plusMillis(300);

  /** How it happens. */
  @FunctionalInterface
  interface Act {
    /** Lets it happen now; {@return whether it could, and made a difference} */
    boolean on(Stage stage);
  }

  /** {@return a fault of the pod at this place, if a process runs there} */
  static Fault ofPod(int place, String what, PodAct act) {
    return new Fault(
        replica(place) + " " + what,
        stage -> {
          Optional<SimPod> pod = stage.pod(place).filter(p -> p.process().isPresent());
          return pod.isPresent() && act.on(stage, pod.get());
        });
  }

  /** {@return a fault of the process at this place, if it leads} */
  static Fault ofLeader(int place, String what, Consumer<Led> act) {
    return new Fault(
        replica(place) + " " + what,
        stage -> {
          Optional<SimShell> leader = stage.running(place).filter(SimShell::isLeading);
          leader.ifPresent(shell -> act.accept(new Led(stage, shell)));
          return leader.isPresent();
        });
  }

  /** What happens to a pod. */
  @FunctionalInterface
  interface PodAct {
    /** Lets it happen now; {@return whether it makes a difference} */
    boolean on(Stage stage, SimPod pod);
  }

  /** A leader, and where it leads. */
  record Led(Stage stage, SimShell shell) {}

  static String replica(int place) {
    return "r" + (place + 1);
  }

  @Override
  public String toString() {
    return name;
  }
}
