package dev.lockstep.sim.scope;

import dev.lockstep.sim.world.SimShell;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What can happen to one process, or to its pod. */
final class MachineFaults {

  private MachineFaults() {}

  static List<Fault> all(int place) {
    List<Fault> all = new ArrayList<>();
    for (Duration time : List.of(Fault.MOMENT, Fault.LEASE, Fault.DRAINED)) {
      all.add(crash(place, time, 0));
      all.add(crash(place, time, 2));
      all.add(losePower(place, time));
      all.add(loseDisk(place, time));
    }
    for (Duration time : List.of(Fault.MOMENT, Fault.SILENCE, Fault.FENCE, Fault.DRAINED)) {
      all.add(pause(place, time));
    }
    all.addAll(pod(place));
    for (Duration time : List.of(Fault.SILENCE, Fault.FENCE)) {
      all.add(failInstalls(place, time));
    }
    all.add(slowInstalls(place));
    return all;
  }

  /** The newest that is on its way from a process that dies may be lost with it. */
  static Fault crash(int place, Duration time, int lost) {
    return Fault.ofPod(
        place,
        "crashes for " + time + ", the last " + lost + " messages on each way lost",
        (stage, pod) -> {
          stage.draws().pin(lost);
          stage.world().processes().crash(pod, false);
          stage.draws().free();
          stage.endAfter(time, () -> stage.world().processes().boot(pod));
          return true;
        });
  }

  static Fault losePower(int place, Duration time) {
    return Fault.ofPod(
        place,
        "loses power for " + time,
        (stage, pod) -> {
          stage.draws().pin(0);
          stage.world().processes().crash(pod, true);
          stage.draws().free();
          stage.endAfter(time, () -> stage.world().processes().boot(pod));
          return true;
        });
  }

  private static Fault loseDisk(int place, Duration time) {
    return Fault.ofPod(
        place,
        "loses power for " + time + ", and its disk",
        (stage, pod) -> {
          boolean hadSome = pod.disk().isPresent();
          pod.setDisk(Optional.empty());
          return hadSome && losePower(place, time).act().on(stage);
        });
  }

  static Fault pause(int place, Duration time) {
    return new Fault(
        Fault.replica(place) + " is paused for " + time,
        stage -> {
          Optional<SimShell> running = stage.running(place);
          running.ifPresent(SimShell::pause);
          running.ifPresent(shell -> stage.endAfter(time, shell::resume));
          return running.isPresent();
        });
  }

  private static List<Fault> pod(int place) {
    String next = Fault.replica(place) + "n";
    return List.of(
        Fault.ofPod(
            place,
            "stops",
            (stage, pod) -> {
              stage.world().processes().stop(pod);
              return true;
            }),
        Fault.ofPod(
            place,
            "is replaced",
            (stage, pod) -> {
              stage.world().processes().replace(pod, next, pod.build());
              return true;
            }),
        Fault.ofPod(
            place,
            "is deleted by force",
            (stage, pod) -> {
              stage.world().processes().forceDelete(pod, next);
              return true;
            }),
        Fault.ofPod(
            place,
            "has its pod touched",
            (stage, pod) -> {
              stage.world().pods().touch(pod);
              return true;
            }),
        Fault.ofPod(
            place,
            "has a token that expired, for " + Fault.LEASE,
            (stage, pod) -> {
              pod.setTokenExpired(true);
              stage.endAfter(Fault.LEASE, () -> pod.setTokenExpired(false));
              return true;
            }));
  }

  private static Fault failInstalls(int place, Duration time) {
    return Fault.ofPod(
        place,
        "fails to install for " + time,
        (stage, pod) -> {
          pod.setFailing(true);
          stage.endAfter(time, () -> pod.setFailing(false));
          return true;
        });
  }

  private static Fault slowInstalls(int place) {
    return Fault.ofPod(
        place,
        "takes long to install for " + Fault.SILENCE,
        (stage, pod) -> {
          pod.setSlow(true);
          stage.endAfter(Fault.SILENCE, () -> pod.setSlow(false));
          return true;
        });
  }
}
