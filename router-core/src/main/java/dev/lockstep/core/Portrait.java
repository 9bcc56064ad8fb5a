package dev.lockstep.core;

import dev.lockstep.core.config.Snapshot;
import dev.lockstep.core.lease.Election;
import dev.lockstep.core.protocol.Identity;
import dev.lockstep.core.protocol.Message;
import dev.lockstep.core.replication.Following;
import java.util.Optional;

/**
 * Draws a replica for people and callers.
 *
 * @param self who it is
 * @param election what it knows of the Lease
 * @param following its link to a leader
 * @param served what its data plane serves
 * @param readiness whether that may take new requests
 */
record Portrait(
    Identity self,
    Election election,
    Following following,
    Snapshot served,
    ReplicaView.Readiness readiness) {

  ReplicaView draw(Optional<ReplicaView.Leadership> leadership) {
    boolean leading = leadership.isPresent();
    return new ReplicaView(
        self,
        following.alias(),
        role(leading),
        leading ? election.epoch() : election.floors().epoch(),
        leader(leading),
        served.version(),
        served.digest(),
        served.config(),
        leading ? Message.Standing.IN_SYNC : following.standing(),
        readiness,
        leadership);
  }

  private ReplicaView.Role role(boolean leading) {
    if (leading) {
      return ReplicaView.Role.LEADER;
    }
    return following.isWelcomed() ? ReplicaView.Role.FOLLOWER : ReplicaView.Role.CANDIDATE;
  }

  private Optional<ReplicaView.LeaderView> leader(boolean leading) {
    if (leading) {
      return Optional.of(new ReplicaView.LeaderView(self.replica(), self.address()));
    }
    return following.isWelcomed()
        ? following
            .leader()
            .flatMap(who -> following.address().map(at -> new ReplicaView.LeaderView(who, at)))
        : Optional.empty();
  }
}
