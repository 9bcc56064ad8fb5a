package dev.lockstep.sim.scope;

import dev.lockstep.sim.world.SimPod;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What can happen between machines: to links, to the way to the API server, to watches. */
final class RoadFaults {

  private static final int KINDS = 2;

  private record Way(int from, int to) {}

  private RoadFaults() {}

  // Links.

  /** {@return cuts of each way and of each pair, and of one replica from all others} */
  static List<Fault> cuts(int replicas, List<Duration> times) {
    List<Fault> all = new ArrayList<>();
    for (Duration time : times) {
      for (int a = 0; a < replicas; a++) {
        for (int b = 0; b < replicas; b++) {
          addCuts(all, new Way(a, b), time);
        }
        if (replicas > 2) {
          all.add(isolate(a, replicas, time));
        }
      }
    }
    return all;
  }

  static Fault isolate(int place, int replicas, Duration time) {
    return cut(Fault.replica(place) + " and everybody", time, everyWayOf(place, replicas));
  }

  private static void addCuts(List<Fault> all, Way way, Duration time) {
    String here = Fault.replica(way.from);
    String there = Fault.replica(way.to);
    if (way.from != way.to) {
      all.add(cut("the way from " + here + " to " + there, time, List.of(way)));
    }
    if (way.from < way.to) {
      all.add(cut(here + " and " + there, time, List.of(way, new Way(way.to, way.from))));
    }
  }

  private static List<Way> everyWayOf(int place, int replicas) {
    List<Way> ways = new ArrayList<>();
    for (int other = 0; other < replicas; other++) {
      if (other != place) {
        ways.add(new Way(place, other));
        ways.add(new Way(other, place));
      }
    }
    return ways;
  }

  private static Fault cut(String what, Duration time, List<Way> ways) {
    return new Fault(
        "cut for " + time + ": " + what,
        stage -> {
          set(stage, ways, true);
          stage.endAfter(time, () -> set(stage, ways, false));
          return true;
        });
  }

  private static void set(Stage stage, List<Way> ways, boolean cut) {
    ways.forEach(way -> stage.world().network().setCut(way.from, way.to, cut));
  }

  /** {@return breaks of each link, noticed by both sides, or by one only} */
  static List<Fault> breaks(int replicas) {
    List<Fault> all = new ArrayList<>();
    for (int link = 0; link < replicas; link++) {
      all.add(breakLink(link, "for both sides", false, 0.99));
      all.add(breakLink(link, "for the leader only", true, 0.99));
      all.add(breakLink(link, "for the follower only", true, 0.25));
    }
    return all;
  }

  private static Fault breakLink(int number, String side, boolean oneSided, double probability) {
    return new Fault(
        "link " + number + " breaks " + side,
        stage -> {
          stage.draws().pin(number).setProbabilities(probability);
          boolean broke = stage.world().network().breakOne(oneSided);
          return stage.draws().free() && broke;
        });
  }

  // The API server.

  static List<Fault> api(int place) {
    List<Fault> all = new ArrayList<>();
    for (Duration time : List.of(Fault.SILENCE, Fault.LEASE, Fault.DRAINED)) {
      all.add(cutFromApi(place, "refused", time, 0.25));
      all.add(cutFromApi(place, "lost", time, 0.75));
      all.add(cutFromApi(place, "stuck on the road", time, 0.75, 0.25));
    }
    return all;
  }

  private static Fault cutFromApi(int place, String how, Duration time, double... probabilities) {
    return Fault.ofPod(
        place,
        "is cut from the API server for " + time + ", requests " + how,
        (stage, pod) -> {
          stage.draws().setProbabilities(probabilities);
          stage.world().api().setCut(pod.id(), true);
          stage.endAfter(time, () -> stage.world().api().setCut(pod.id(), false));
          return true;
        });
  }

  static List<Fault> everybody() {
    List<Fault> all = new ArrayList<>();
    for (Duration time : List.of(Fault.MOMENT, Fault.LEASE, Fault.DRAINED)) {
      all.add(new Fault("the API server is away for " + time, stage -> away(stage, time)));
      all.add(new Fault("everybody crashes for " + time, stage -> crashAll(stage, time)));
    }
    return all;
  }

  private static boolean away(Stage stage, Duration time) {
    stage.world().api().setAway(true);
    stage.endAfter(time, () -> stage.world().api().setAway(false));
    return true;
  }

  private static boolean crashAll(Stage stage, Duration time) {
    for (SimPod pod : stage.world().pods().existing()) {
      stage.world().processes().crash(pod, false);
      stage.endAfter(time, () -> stage.world().processes().boot(pod));
    }
    return true;
  }

  // Watches.

  static List<Fault> watches(int place) {
    List<Fault> all = new ArrayList<>();
    for (Duration time : List.of(Fault.MOMENT, Fault.LEASE)) {
      all.add(
          Fault.ofLeader(
              place,
              "hears nothing of pods for " + time,
              led -> led.stage().world().pods().stallWatch(led.shell(), time.toNanos())));
      for (int kind = 0; kind < KINDS; kind++) {
        all.add(stall(place, kind, time));
        all.add(expire(place, kind, time));
      }
    }
    all.add(
        Fault.ofLeader(
            place,
            "must list pods again",
            led -> led.stage().world().pods().expireWatch(led.shell())));
    all.add(
        Fault.ofLeader(
            place,
            "lists objects from a server that lags",
            led -> led.stage().world().sources().staleRelist(led.shell())));
    return all;
  }

  private static Fault stall(int place, int kind, Duration time) {
    return Fault.ofLeader(
        place,
        "hears nothing of objects of kind " + kind + " for " + time,
        led -> led.stage().world().sources().stallWatch(led.shell(), kind, time.toNanos()));
  }

  private static Fault expire(int place, int kind, Duration time) {
    return Fault.ofLeader(
        place,
        "must list kind " + kind + " again, and may in " + time,
        led -> led.stage().world().sources().expireWatch(led.shell(), kind, time.toNanos()));
  }
}
