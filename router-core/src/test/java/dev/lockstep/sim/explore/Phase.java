package dev.lockstep.sim.explore;

import dev.lockstep.core.ReplicaView;
import dev.lockstep.core.protocol.Message;
import dev.lockstep.sim.world.SimShell;
import dev.lockstep.sim.world.World;
import java.util.EnumSet;
import java.util.Set;

/** What the protocol is about at a moment; several things at once as a rule. */
enum Phase {
  /** Nobody leads. */
  ELECTING,
  /** Somebody leads, and has not read everything yet. */
  TAKING_OVER,
  /** The leader cannot write. */
  SUSPENDED,
  /** A write of the Lease with a new version is under way. */
  COMMITTING,
  /** A version is committed, and its barrier is closed. */
  PUSHING,
  /** Somebody is on the way into the in-sync set. */
  JOINING,
  /** Somebody is on the way out of it, or counted until the drain time is over. */
  FENCING,
  /** Somebody leads, and nothing is under way. */
  STEADY;

  static Set<Phase> of(World world) {
    Set<Phase> phases = EnumSet.noneOf(Phase.class);
    boolean led = false;
    for (SimShell shell : world.running()) {
      if (shell.isCommitting()) {
        phases.add(COMMITTING);
      }
      if (shell.isLeading()) {
        led = true;
        shell.view().leadership().ifPresent(leadership -> add(phases, leadership));
      }
    }
    if (phases.isEmpty()) {
      phases.add(led ? STEADY : ELECTING);
    } else if (!led) {
      phases.add(ELECTING);
    }
    return phases;
  }

  private static void add(Set<Phase> phases, ReplicaView.Leadership leadership) {
    if (leadership.sources() == ReplicaView.Sources.READING
        || !leadership.undecidable().isEmpty()) {
      phases.add(TAKING_OVER);
    }
    if (leadership.api() == Message.ApiAccess.SUSPENDED) {
      phases.add(SUSPENDED);
    }
    if (leadership.committed().isAfter(leadership.open())) {
      phases.add(PUSHING);
    }
    for (ReplicaView.Member member : leadership.members()) {
      switch (member.state()) {
        case JOINING -> phases.add(JOINING);
        case FENCING, LEAVING -> phases.add(FENCING);
        case LEADER, IN_SYNC, LAGGING, FENCED -> {}
      }
    }
  }
}
