package dev.lockstep.sim.scope;

import static dev.lockstep.sim.scope.Scope.TIMINGS;

import dev.lockstep.core.protocol.Identity;
import dev.lockstep.core.protocol.Lease;
import dev.lockstep.sim.world.SimPod;
import dev.lockstep.sim.world.SimShell;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/** All faults that can happen to a mesh of so many replicas between two events. */
final class Menu {

  private static final Duration MOMENT = Duration.ofMillis(60);
  private static final Duration SILENCE = TIMINGS.linkSilence().plusMillis(100);
  private static final Duration LEASE = TIMINGS.leaseDuration().plusMillis(300);
  private static final Duration FENCE = TIMINGS.fenceTime().plusMillis(200);
  private static final Duration DRAINED =
      TIMINGS.fenceTime().plus(TIMINGS.drainTime()).plusMillis(300);
  private static final int OLDER_LEASES = 6;

  private final int replicas;
  private final List<Fault> faults = new ArrayList<>();

  private Menu(int replicas) {
    this.replicas = replicas;
  }

  /** {@return every kind, with every target, for every length that matters} */
  static List<Fault> everything(int replicas) {
    Menu menu = new Menu(replicas);
    for (int place = 0; place < replicas; place++) {
      menu.processFaults(place);
      menu.podFaults(place);
      menu.apiFaults(place);
      menu.installFaults(place);
      menu.named(place);
    }
    menu.linkFaults(List.of(SILENCE, LEASE, DRAINED));
    menu.leaseFaults();
    menu.everybodyFaults();
    return List.copyOf(menu.faults);
  }

  /** {@return the kinds that have deceived most protocols of this sort, in one or two lengths} */
  static List<Fault> dangerous(int replicas) {
    Menu menu = new Menu(replicas);
    for (int place = 0; place < replicas; place++) {
      menu.crash(place, MOMENT, 0);
      menu.losePower(place, LEASE, true);
      menu.pause(place, FENCE);
    }
    menu.linkFaults(List.of(LEASE));
    menu.rollBack(0);
    return List.copyOf(menu.faults);
  }

  // Processes.

  private void processFaults(int place) {
    for (Duration time : List.of(MOMENT, LEASE, DRAINED)) {
      crash(place, time, 0);
      crash(place, time, 2);
      losePower(place, time, true);
      losePower(place, time, false);
    }
    for (Duration time : List.of(MOMENT, SILENCE, FENCE, DRAINED)) {
      pause(place, time);
    }
    add(name(place) + " stops", stage -> toPod(stage, place, stage.world().processes()::stop));
  }

  /** The newest that is on its way from a process that dies may be lost with it. */
  private void crash(int place, Duration time, int lost) {
    add(
        name(place) + " crashes for " + time + ", the last " + lost + " messages lost",
        stage ->
            ifPod(
                stage,
                place,
                pod -> {
                  stage.draws().pin(lost);
                  stage.world().processes().crash(pod, false);
                  stage.endAfter(time, () -> stage.world().processes().boot(pod));
                  return stage.draws().free() || lost == 0;
                }));
  }

  private void losePower(int place, Duration time, boolean keepsDisk) {
    add(
        name(place) + " loses power for " + time + (keepsDisk ? "" : ", and its disk"),
        stage ->
            ifPod(
                stage,
                place,
                pod -> {
                  boolean differs = keepsDisk || pod.disk().isPresent();
                  stage.draws().pin(0);
                  stage.world().processes().crash(pod, true);
                  stage.draws().free();
                  pod.setDisk(keepsDisk ? pod.disk() : Optional.empty());
                  stage.endAfter(time, () -> stage.world().processes().boot(pod));
                  return differs;
                }));
  }

  private void pause(int place, Duration time) {
    add(
        name(place) + " is paused for " + time,
        stage ->
            shell(
                stage.running(place),
                shell -> {
                  shell.pause();
                  stage.endAfter(time, shell::resume);
                }));
  }

  private void podFaults(int place) {
    String next = name(place) + "n";
    add(
        name(place) + " is replaced",
        stage -> toPod(stage, place, pod -> stage.world().processes().replace(pod, next)));
    add(
        name(place) + " is deleted by force",
        stage -> toPod(stage, place, pod -> stage.world().processes().forceDelete(pod, next)));
    add(
        name(place) + "'s pod is touched",
        stage -> toPod(stage, place, stage.world().pods()::touch));
  }

  // The API server.

  private void apiFaults(int place) {
    for (Duration time : List.of(SILENCE, LEASE, DRAINED)) {
      cutFromApi(place, time, "refused", 0.25);
      cutFromApi(place, time, "lost", 0.75);
      cutFromApi(place, time, "stuck", 0.75, 0.25);
    }
    for (Duration time : List.of(MOMENT, LEASE)) {
      add(
          name(place) + "'s watch of pods stalls for " + time,
          stage ->
              shell(stage.leading(place), s -> stage.world().pods().stallWatch(s, time.toNanos())));
      add(
          name(place) + "'s watch of objects stalls for " + time,
          stage ->
              shell(
                  stage.leading(place),
                  s -> stage.world().sources().stallWatch(s, 0, time.toNanos())));
    }
    add(
        name(place) + " lists objects from a server that lags",
        stage -> shell(stage.leading(place), stage.world().sources()::staleRelist));
  }

  private void cutFromApi(int place, Duration time, String requests, double... probabilities) {
    add(
        name(place) + " is cut from the API server for " + time + ", requests " + requests,
        stage ->
            toPod(
                stage,
                place,
                pod -> {
                  stage.draws().setProbabilities(probabilities);
                  stage.world().api().setCut(pod.id(), true);
                  stage.endAfter(time, () -> stage.world().api().setCut(pod.id(), false));
                }));
  }

  private void installFaults(int place) {
    for (Duration time : List.of(SILENCE, FENCE)) {
      add(
          name(place) + "'s installs fail for " + time,
          stage ->
              toPod(
                  stage,
                  place,
                  pod -> {
                    pod.setFailing(true);
                    stage.endAfter(time, () -> pod.setFailing(false));
                  }));
    }
    add(
        name(place) + "'s installs are slow",
        stage ->
            toPod(
                stage,
                place,
                pod -> {
                  pod.setSlow(true);
                  stage.endAfter(SILENCE, () -> pod.setSlow(false));
                }));
  }

  // The Lease.

  private void leaseFaults() {
    edit("is touched", lease -> lease);
    edit("is released by hand", Lease::released);
    add(
        "the Lease is deleted",
        stage -> {
          boolean there = stage.world().lease().object().isPresent();
          stage.world().lease().delete();
          return there;
        });
    for (int older = 0; older < OLDER_LEASES; older++) {
      rollBack(older);
    }
  }

  private void rollBack(int older) {
    add(
        "the Lease is put back to state " + older,
        stage -> {
          stage.draws().pin(older);
          stage.world().lease().rollBack();
          return stage.draws().free();
        });
  }

  /** Somebody writes another name on it, or this one's once more. */
  private void named(int place) {
    add(
        "the Lease is made to name " + name(place),
        stage ->
            shell(
                stage.running(place),
                shell -> {
                  Identity self = shell.view().self();
                  stage
                      .world()
                      .lease()
                      .edit(lease -> lease.heldBy(self.replica(), self.address(), lease.epoch()));
                }));
  }

  private void edit(String how, UnaryOperator<Lease> change) {
    add(
        "the Lease " + how,
        stage -> {
          stage.world().lease().edit(change);
          return stage.world().lease().object().isPresent();
        });
  }

  // Links.

  private void linkFaults(List<Duration> times) {
    for (Duration time : times) {
      for (int a = 0; a < replicas; a++) {
        for (int b = 0; b < replicas; b++) {
          if (a != b) {
            cut("the way from " + name(a) + " to " + name(b), time, List.of(new Way(a, b)));
          }
          if (a < b) {
            List<Way> both = List.of(new Way(a, b), new Way(b, a));
            cut(name(a) + " and " + name(b), time, both);
          }
        }
        if (replicas > 2) {
          cut(name(a) + " and everybody", time, everyWayOf(a));
        }
      }
    }
  }

  private record Way(int from, int to) {}

  private List<Way> everyWayOf(int place) {
    List<Way> ways = new ArrayList<>();
    for (int other = 0; other < replicas; other++) {
      if (other != place) {
        ways.add(new Way(place, other));
        ways.add(new Way(other, place));
      }
    }
    return ways;
  }

  private void cut(String what, Duration time, List<Way> ways) {
    add(
        "cut for " + time + ": " + what,
        stage -> {
          ways.forEach(way -> stage.world().network().setCut(way.from, way.to, true));
          stage.endAfter(
              time,
              () -> ways.forEach(way -> stage.world().network().setCut(way.from, way.to, false)));
          return true;
        });
  }

  private void everybodyFaults() {
    for (int link = 0; link < replicas; link++) {
      breakLink(link, "on both sides", false, 0.99);
      breakLink(link, "for the leader only", true, 0.99);
      breakLink(link, "for the follower only", true, 0.25);
    }
    for (Duration time : List.of(MOMENT, LEASE, DRAINED)) {
      add(
          "the API server is away for " + time,
          stage -> {
            stage.world().api().setAway(true);
            stage.endAfter(time, () -> stage.world().api().setAway(false));
            return true;
          });
      add(
          "everybody crashes for " + time,
          stage -> {
            for (SimPod pod : stage.world().pods().existing()) {
              stage.world().processes().crash(pod, false);
              stage.endAfter(time, () -> stage.world().processes().boot(pod));
            }
            return true;
          });
    }
  }

  private void breakLink(int number, String side, boolean oneSided, double probability) {
    add(
        "link " + number + " breaks " + side,
        stage -> {
          stage.draws().pin(number).setProbabilities(probability);
          stage.world().network().breakOne(oneSided);
          return stage.draws().free();
        });
  }

  // Forms.

  private void add(String name, Fault.Act act) {
    faults.add(new Fault(name, act));
  }

  private static String name(int place) {
    return "r" + (place + 1);
  }

  private static boolean toPod(Stage stage, int place, Consumer<SimPod> act) {
    return ifPod(
        stage,
        place,
        pod -> {
          act.accept(pod);
          return true;
        });
  }

  private static boolean ifPod(Stage stage, int place, Predicate<SimPod> act) {
    Optional<SimPod> pod = stage.pod(place).filter(p -> p.process().isPresent());
    return pod.isPresent() && act.test(pod.get());
  }

  private static boolean shell(Optional<SimShell> shell, Consumer<SimShell> act) {
    shell.ifPresent(act);
    return shell.isPresent();
  }
}
