package dev.lockstep.core;

import dev.lockstep.core.config.Snapshot;
import dev.lockstep.core.config.Version;
import dev.lockstep.core.lease.Election;
import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.Event;
import dev.lockstep.core.protocol.Identity;
import dev.lockstep.core.protocol.Lease;
import dev.lockstep.core.protocol.LinkId;
import dev.lockstep.core.protocol.Message;
import dev.lockstep.core.protocol.NanoTime;
import dev.lockstep.core.protocol.ReplicaId;
import dev.lockstep.core.protocol.Timings;
import dev.lockstep.core.replication.Following;
import java.util.List;
import java.util.Optional;

/**
 * What a replica does while another one leads, or should: it finds the leader on the Lease, keeps
 * the link to it, and looks at the Lease again when the link says that something has changed.
 *
 * <p>Confined to one step: changed on a {@link #copy} only.
 */
final class Followership {

  private final Identity self;
  private final Following following;

  /** The last leader that welcomed this replica, as it said itself. */
  private Optional<Identity> lastLeader = Optional.empty();

  /** When the check of the Lease became necessary: only a read that was sent later can pass it. */
  private NanoTime checkAfter = NanoTime.NEVER;

  Followership(Identity self, Timings timings) {
    this(self, new Following(self, timings));
  }

  private Followership(Identity self, Following following) {
    this.self = self;
    this.following = following;
  }

  Followership copy() {
    Followership copy = new Followership(self, following.copy());
    copy.lastLeader = lastLeader;
    copy.checkAfter = checkAfter;
    return copy;
  }

  /** The link itself. */
  Following link() {
    return following;
  }

  /** {@return the last leader that welcomed this replica and said who it is} */
  Optional<Identity> lastLeader() {
    return lastLeader;
  }

  /** {@return how this replica is counted, as far as a leader has said so} */
  Optional<Message.Standing> heardStanding(Election election) {
    return election.isLeading() // A leader serves its newest version before anybody else.
        ? Optional.of(Message.Standing.IN_SYNC)
        : following.heardStanding();
  }

  void onLeaseRead(Lease lease, Surroundings around) {
    boolean afterApplying = around.election().readSentAt().isAtOrAfter(checkAfter);
    if (afterApplying && following.wantsCheck(around.installer().served().version())) {
      checkAfter = NanoTime.NEVER;
      if (lease.holder().equals(following.leader()) && lease.epoch().equals(following.epoch())) {
        following.onCheckPassed(around.out());
      } else {
        following.disconnect("the Lease names another leadership", around.out());
      }
    }
    if (!following.isLinked() && !around.election().isLeading()) {
      probeHolder(around);
    }
  }

  private void probeHolder(Surroundings around) {
    leaderElsewhere(around.election()).ifPresent(lease -> around.out().add(probe(lease)));
  }

  private static Effect probe(Lease lease) {
    return new Effect.Probe(lease.holder().orElseThrow(), lease.leader().orElseThrow());
  }

  /** The Lease, if it says that somebody else leads, and where. */
  private Optional<Lease> leaderElsewhere(Election election) {
    return election
        .lease()
        .filter(lease -> !election.isLeading() && lease.leader().isPresent())
        .filter(lease -> lease.holder().isPresent() && !lease.isHeldBy(self.replica()));
  }

  void onConnected(LinkId link, Surroundings around) {
    if (following.isCurrent(link)) {
      Election election = around.election();
      Snapshot held = around.installer().held();
      Version seen = Version.max(election.floors().version(), held.version());
      Message.Hello hello =
          following.hello(election.floors().epoch(), seen, around.installer().served());
      following.onConnected(hello, around.now(), around.out());
    }
  }

  void onLinkLost(Event.LinkLost lost, Surroundings around) {
    if (following.isCurrent(lost.link())) {
      following.onLinkLost();
      announce(Optional.empty(), lost.reason(), around);
      around.election().look();
      probeHolder(around);
    }
  }

  private void announce(Optional<ReplicaId> leader, String reason, Surroundings around) {
    Effect.Notice notice = new Effect.Following(leader, following.epoch(), reason);
    around.out().add(new Effect.Announce(notice));
  }

  /** {@return the config that the message leads to; empty when there is nothing to apply} */
  Optional<Snapshot> onSaid(Message.FromLeader said, Surroundings around) {
    Election election = around.election();
    if (election.floors().epoch().isAfter(said.epoch())) {
      following.disconnect("epoch " + said.epoch() + " is over", around.out());
      election.look();
      return Optional.empty();
    }
    election.raiseFloors(said.epoch(), newest(said));
    Snapshot held = around.installer().held();
    switch (said) {
      case Message.Welcome welcome -> {
        following.onWelcome(welcome, held, around.now(), around.out());
        lastLeader = welcome.leader().or(() -> lastLeader);
        election.accompanied();
        announce(following.leader(), "welcomed", around);
      }
      case Message.Push push -> {
        if (following.isWelcomed()) {
          return following.onPush(push, held, around.now(), around.out());
        }
      }
      case Message.HeartbeatReply reply -> onReply(reply, around);
      case Message.Moved moved -> {
        following.disconnect("the leader has handed over", around.out());
        election.look();
      }
    }
    return Optional.empty();
  }

  /** The newest version that the message tells of: it exists, whether it is applied here or not. */
  private static Version newest(Message.FromLeader said) {
    return switch (said) {
      case Message.Welcome welcome -> welcome.version();
      case Message.Push push -> push.delta().target();
      case Message.HeartbeatReply reply -> reply.version();
      case Message.Moved moved -> Version.NONE;
    };
  }

  private void onReply(Message.HeartbeatReply reply, Surroundings around) {
    following.onReply(reply, around.installer().held(), around.now());
    around.election().hint(reply.leaseResourceVersion(), around.now());
    around.election().rank(reply.successors());
  }

  /** Connects, acks, beats and checks, as far as it is due. */
  void advance(Surroundings around) {
    NanoTime now = around.now();
    List<Effect> out = around.out();
    Snapshot served = around.installer().served();
    leaderElsewhere(around.election()).ifPresent(lease -> following.follow(lease, now, out));
    if (following.advance(around.installer(), now, out)) {
      around.election().look();
      probeHolder(around);
    }
    boolean wants = following.wantsCheck(served.version());
    if (wants && checkAfter == NanoTime.NEVER) {
      checkAfter = around.now();
      around.election().look();
    } else if (!wants) {
      checkAfter = NanoTime.NEVER;
    }
  }

  NanoTime nextDeadline(Election election) {
    NanoTime next = following.nextDeadline();
    return leaderElsewhere(election).isPresent() && !following.isLinked()
        ? NanoTime.min(next, following.connectNotBefore())
        : next;
  }
}
