package dev.lockstep.sim.scope;

import java.util.ArrayList;
import java.util.List;

/** Which faults can happen between two events of a mesh of so many replicas. */
final class Menu {

  private Menu() {}

  /** {@return every kind, with every target, for every length that matters} */
  static List<Fault> everything(int replicas) {
    List<Fault> all = new ArrayList<>();
    for (int place = 0; place < replicas; place++) {
      all.addAll(MachineFaults.all(place));
      all.addAll(RoadFaults.api(place));
      all.addAll(RoadFaults.watches(place));
    }
    all.addAll(RoadFaults.cuts(replicas, List.of(Fault.SILENCE, Fault.LEASE, Fault.DRAINED)));
    all.addAll(RoadFaults.breaks(replicas));
    all.addAll(RoadFaults.everybody());
    all.addAll(LeaseFaults.all(replicas));
    return List.copyOf(all);
  }

  /** {@return the kinds that leave somebody wrong about the others, each for one length} */
  static List<Fault> dangerous(int replicas) {
    List<Fault> all = new ArrayList<>();
    for (int place = 0; place < replicas; place++) {
      all.add(MachineFaults.crash(place, Fault.MOMENT, 2));
      all.add(MachineFaults.losePower(place, Fault.LEASE));
      all.add(MachineFaults.pause(place, Fault.FENCE));
    }
    all.addAll(RoadFaults.cuts(replicas, List.of(Fault.LEASE)));
    all.add(LeaseFaults.rollBack(1));
    return List.copyOf(all);
  }

  /** {@return one of each sort of the dangerous kinds} */
  static List<Fault> fewest(int replicas) {
    List<Fault> all = new ArrayList<>();
    for (int place = 0; place < replicas; place++) {
      all.add(MachineFaults.crash(place, Fault.MOMENT, 2));
      all.add(MachineFaults.pause(place, Fault.FENCE));
      all.add(RoadFaults.isolate(place, replicas, Fault.LEASE));
    }
    all.add(LeaseFaults.rollBack(1));
    return List.copyOf(all);
  }
}
