package dev.lockstep.core;

import dev.lockstep.core.config.Snapshot;
import dev.lockstep.core.config.Version;
import dev.lockstep.core.lease.Election;
import dev.lockstep.core.membership.Member;
import dev.lockstep.core.protocol.Answer;
import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.Event;
import dev.lockstep.core.protocol.Identity;
import dev.lockstep.core.protocol.Lease;
import dev.lockstep.core.protocol.LinkId;
import dev.lockstep.core.protocol.Message;
import dev.lockstep.core.protocol.NanoTime;
import dev.lockstep.core.protocol.Pod;
import dev.lockstep.core.protocol.Timings;
import dev.lockstep.core.protocol.Transition;
import dev.lockstep.core.replication.Following;
import dev.lockstep.core.replication.Installer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The whole machine of one replica: a function from state, event and time to the next state and the
 * effects to execute, in order. The same events at the same times give the same effects.
 *
 * <p>How it works. {@link #step} makes a copy of the state, lets the event change it, and then does
 * everything that is due: {@link Election} for the Lease, {@link Leadership} while this replica
 * leads, {@link Following} while another does, {@link Installer} for what is served, {@link
 * Gatekeeper} for whether it may be served.
 *
 * <pre>
 * role        from                     to
 * candidate   Lease names nobody here  leader on a confirmed write; follower on a welcome
 * follower    welcomed by a leader     candidate when the link is lost, or the leader suspended
 * leader      write confirmed          candidate when the Lease, a pod or a hello says otherwise
 * </pre>
 *
 * <p>Immutable from outside: the state that a step began with stays valid.
 */
public final class Replica implements Cloneable {
  private final Identity self;
  private final Timings timings;

  private Election election;
  private Followership follower;
  private Installer installer = Installer.EMPTY;
  private Gatekeeper gate = Gatekeeper.CLOSED;
  private @Nullable Leadership leadership;

  private boolean started;
  private boolean draining;
  private boolean exited;
  private NanoTime steppedAt = new NanoTime(0);

  private Isolation isolation = Isolation.NONE;
  private boolean suspended;

  private Replica(Identity self, Timings timings) {
    this.self = self;
    this.timings = timings;
    this.election = new Election(self, timings);
    this.follower = new Followership(self, timings);
  }

  /**
   * {@return a replica that has not been started}
   *
   * @throws IllegalArgumentException when the timings contradict each other
   */
  public static Replica create(Identity self, Timings timings) {
    if (!timings.problems().isEmpty()) {
      throw new IllegalArgumentException(String.join("; ", timings.problems()));
    }
    return new Replica(self, timings);
  }

  /** {@return the next state and what to do; this state stays as it is} */
  public Transition<Replica> step(Event event, NanoTime now) {
    Replica next = copy();
    List<Effect> out = new ArrayList<>();
    next.watchClock(now, out);
    next.handle(event, now, out);
    next.advance(now, out);
    next.steppedAt = now;
    return new Transition<>(next, out);
  }

  private Replica copy() {
    try {
      Replica copy = (Replica) clone();
      copy.election = election.copy();
      copy.follower = follower.copy();
      copy.leadership = leadership == null ? null : leadership.copy();
      return copy;
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException("a final class that implements Cloneable can be cloned", e);
    }
  }

  /** {@return when {@link Event.TimePassed} is due at the latest} */
  public NanoTime nextDeadline() {
    if (!started) {
      return NanoTime.NEVER;
    }
    // A gap between two steps proves a pause: so there must be none of that length otherwise.
    NanoTime next = steppedAt.plus(timings.fenceTime().dividedBy(2));
    next = NanoTime.min(next, election.nextDeadline(steppedAt));
    next = NanoTime.min(next, follower.nextDeadline(election));
    next = NanoTime.min(next, installer.nextDeadline());
    next = NanoTime.min(next, gate.nextDeadline(timings.drainTime(), steppedAt));
    if (leadership != null) {
      next = NanoTime.min(next, leadership.nextDeadline(steppedAt));
    }
    return isolation.retired() ? next : NanoTime.min(next, aloneAt());
  }

  // Events.

  /** A gap in our own time longer than the fence time: we may have been fenced in our sleep. */
  private void watchClock(NanoTime now, List<Effect> out) {
    if (started && now.isAtOrAfter(steppedAt.plus(timings.fenceTime()))) {
      awake(now, out);
    }
  }

  private void awake(NanoTime now, List<Effect> out) {
    gate = gate.close(now, out);
    follower.link().disconnect("this replica was paused", out);
    election.look();
    out.add(new Effect.ReadPod(self.pod()));
    if (leadership != null) {
      leadership.onResumed(now);
    }
  }

  private void handle(Event event, NanoTime now, List<Effect> out) {
    switch (event) {
      case Event.Started(Optional<Snapshot> lastKnownGood) -> start(lastKnownGood, now, out);
      case Event.TimePassed() -> {}
      case Event.Draining() -> draining = true;
      case Event.LeaseRead(Lease lease) -> onLeaseRead(lease.credible(), now, out);
      case Event.LeaseMissing() -> election.onMissing(now);
      case Event.LeaseReadFailed failed -> election.onReadFailed(now);
      case Event.LeaseWritten(Lease lease) -> election.onWritten(lease, now);
      case Event.LeaseWriteUnresolved unresolved -> election.onUnresolved(now);
      case Event.PodSeen(Pod pod) -> onPodSeen(pod, now, out);
      case Event.Probed probed -> onProbed(probed, now);
      case Event.LeaderConnected(LinkId link) -> follower.onConnected(link, surroundings(now, out));
      case Event.FollowerConnected connected -> onFollowerConnected(connected, out);
      case Event.Received(LinkId link, Message message) -> onReceived(link, message, now, out);
      case Event.LinkLost lost -> onLinkLost(lost, now, out);
      case Event.SnapshotFetched(Snapshot snapshot) -> onFetched(snapshot, now, out);
      case Event.SnapshotFetchFailed failed -> {
        follower.link().onFetchFailed(now);
        ifLeading(l -> l.onFetchFailed(now));
      }
      case Event.Installed(Version version) -> onInstalled(version, out);
      case Event.InstallFailed failed -> onInstallFailed(failed, now, out);
      case Event.LoopPaused() -> awake(now, out);
      case Event.Asked asked -> onAsked(asked, out);
      case Event.PodsListed listed -> ifLeading(l -> onPodsListed(l, listed, now));
      case Event.PodsListFailed failed -> {}
      case Event.PodGone gone -> ifLeading(l -> l.onPodGone(gone.pod(), now));
      case Event.PodWritten written -> ifLeading(l -> l.onPodWritten(written.pod(), now));
      case Event.PodWriteUnresolved write -> ifLeading(l -> l.onPodUnresolved(write.pod(), now));
      // A leader must know how its write ended; for the gate the drain time is the way out.
      case Event.PodReadFailed failed -> ifLeading(l -> l.onPodUnresolved(failed.pod(), now));
      case Event.SourcesObserved observed -> ifLeading(l -> l.onObserved(observed));
      case Event.ObjectObserved read -> ifLeading(l -> l.onObjectObserved(read));
      case Event.ObjectReadFailed failed ->
          ifLeading(l -> l.onObjectReadFailed(failed.question(), now));
      case Event.Cancelled(long question) -> ifLeading(l -> l.onCancelled(question));
    }
  }

  private void ifLeading(java.util.function.Consumer<Leadership> action) {
    if (leadership != null) {
      action.accept(leadership);
    }
  }

  private void start(Optional<Snapshot> lastKnownGood, NanoTime now, List<Effect> out) {
    started = true;
    steppedAt = now;
    gate = gate.close(now, out);
    election.look();
    if (lastKnownGood.isPresent() && lastKnownGood.get().version().isAfter(Version.NONE)) {
      installer = installer.hold(lastKnownGood.get());
      election.raiseFloors(election.floors().epoch(), lastKnownGood.get().version());
      out.add(new Effect.ReadPod(self.pod()));
    }
  }

  private void onLeaseRead(Lease lease, NanoTime now, List<Effect> out) {
    election.onRead(lease, now, out);
    follower.onLeaseRead(lease, surroundings(now, out));
  }

  private void onPodSeen(Pod pod, NanoTime now, List<Effect> out) {
    if (pod.id().equals(self.pod())) {
      gate = gate.onOwnPod(pod);
    }
    ifLeading(l -> l.onPodSeen(pod, now, out));
  }

  private void onPodsListed(Leadership leader, Event.PodsListed listed, NanoTime now) {
    if (listed.epoch().equals(leader.epoch())) {
      leader.onPodsListed(listed.pods(), now);
    }
  }

  private void onProbed(Event.Probed probed, NanoTime now) {
    boolean holder = election.lease().flatMap(Lease::holder).equals(Optional.of(probed.replica()));
    if (probed.evidence() == Event.Evidence.GONE && holder && !follower.link().isWelcomed()) {
      election.holderGone(probed.replica(), now);
    }
    ifLeading(l -> l.onProbed(probed));
  }

  // Links.

  private void onFollowerConnected(Event.FollowerConnected connected, List<Effect> out) {
    if (leadership == null) {
      out.add(new Effect.Disconnect(connected.link(), "this replica does not lead"));
    } else {
      leadership.onConnected(connected.link(), connected.pod());
    }
  }

  private void onReceived(LinkId link, Message message, NanoTime now, List<Effect> out) {
    switch (message) {
      case Message.FromFollower said -> {
        if (leadership != null && leadership.knows(link)) {
          leadership.onMessage(link, said, surroundings(now, out));
        }
      }
      case Message.FromLeader said -> {
        if (follower.link().isCurrent(link)) {
          onLeaderSaid(said, surroundings(now, out));
        }
      }
    }
  }

  private void onLeaderSaid(Message.FromLeader said, Surroundings around) {
    follower.onSaid(said, around).ifPresent(target -> installer = installer.hold(target));
    if (said instanceof Message.Welcome && draining) {
      follower.link().bye(around.out());
    }
  }

  private void onLinkLost(Event.LinkLost lost, NanoTime now, List<Effect> out) {
    follower.onLinkLost(lost, surroundings(now, out));
    ifLeading(l -> l.onLinkLost(lost.link()));
  }

  // The data plane.

  private void onFetched(Snapshot snapshot, NanoTime now, List<Effect> out) {
    if (leadership != null) {
      leadership.onFetched(snapshot, out);
      return; // What is served comes from commits now.
    }
    Snapshot newest = follower.link().onFetched(snapshot, now);
    if (newest.version().isAfter(installer.held().version())) {
      installer = installer.hold(newest);
    }
  }

  private void onInstalled(Version version, List<Effect> out) {
    installer = installer.onInstalled(version);
    out.add(new Effect.Announce(new Effect.Served(version, installer.served().digest())));
  }

  private void onInstallFailed(Event.InstallFailed failed, NanoTime now, List<Effect> out) {
    installer = installer.onFailed(failed.version(), now.plus(timings.lateTime()));
    follower.link().refuse(failed.version(), failed.problems(), out);
    ifLeading(l -> l.onOwnRefusal(failed, now));
    out.add(new Effect.Announce(new Effect.Refused(failed.version(), failed.problems())));
  }

  private void onAsked(Event.Asked asked, List<Effect> out) {
    if (leadership == null) {
      Answer answer = new Answer.Undecidable("this replica does not lead");
      out.add(new Effect.Reply(asked.question().id(), answer));
    } else {
      leadership.onAsked(asked.question(), out);
    }
  }

  // What is due.

  private void advance(NanoTime now, List<Effect> out) {
    if (!started) {
      return;
    }
    changeRole(now, out);
    leaveIfAsked(out);
    if (leadership != null) {
      commitAndInstall(now, out);
    }
    installer = installer.advance(now, out);
    follower.advance(surroundings(now, out));
    election.campaign(wantsToLead());
    election.advance(now, out);
    Snapshot served = installer.served();
    boolean vouched = leadership != null && leadership.vouchesFor(served.version());
    Gatekeeper.Knowledge knowledge =
        new Gatekeeper.Knowledge(served, election, follower.link(), timings.drainTime(), vouched);
    boolean open = gate.isOpen();
    gate = gate.advance(knowledge, now, out);
    // Opening lets connections stay: if they must not, they are told to go once more.
    Isolation before = open == gate.isOpen() ? isolation : Isolation.NONE;
    Isolation.Turn turn = new Isolation.Turn(now, timings, gate, out);
    isolation = before.advance(follower.heardStanding(election), aloneAt(), turn);
    exitIfDone(out);
  }

  private boolean wantsToLead() {
    return !draining
        && !election.isLeading()
        && (!follower.link().isWelcomed() || follower.link().leaderIsSuspended());
  }

  private void leaveIfAsked(List<Effect> out) {
    if (!draining || exited) {
      return;
    }
    election.abstainUntil(NanoTime.NEVER);
    if (election.isLeading() && !election.isDeparting() && leadership != null) {
      Optional<Message.Hello> successor = leadership.successor().flatMap(Member::hello);
      election.depart(successor.map(Message.Hello::replica), successor.map(Message.Hello::address));
    }
  }

  /** The last thing of all: whoever had to be told was told, and the Lease does not name us. */
  private void exitIfDone(List<Effect> out) {
    if (draining && !exited && !election.isLeading() && !election.isUnsettled()) {
      exited = true;
      follower.link().bye(out);
      out.add(new Effect.Exit());
    }
  }

  private void changeRole(NanoTime now, List<Effect> out) {
    boolean same = leadership != null && leadership.epoch().equals(election.epoch());
    if (leadership != null && !(election.isLeading() && same)) {
      leadership.end(election.lease(), out);
      out.add(
          new Effect.Announce(
              new Effect.LeadershipLost(leadership.epoch(), "the Lease is not ours any more")));
      leadership = null;
      suspended = false;
    }
    if (election.isLeading() && leadership == null) {
      follower.link().disconnect("this replica leads", out);
      leadership = new Leadership(self, timings, election.epoch(), now);
      follower.lastLeader().ifPresent(leadership::succeed);
      out.add(new Effect.Announce(new Effect.LeadershipWon(election.epoch(), "the Lease is ours")));
      leadership.begin(election.lease().orElseThrow(), installer.held(), now, out);
    }
  }

  private void commitAndInstall(NanoTime now, List<Effect> out) {
    Leadership leader = java.util.Objects.requireNonNull(leadership);
    leader.commit(surroundings(now, out));
    leader
        .newerThan(installer.held().version())
        .ifPresent(snapshot -> installer = installer.hold(snapshot));
    leader.advance(surroundings(now, out));
    if (suspended != election.isSuspended(now)) {
      suspended = !suspended;
      out.add(
          new Effect.Announce(
              suspended
                  ? new Effect.Suspended(leader.epoch())
                  : new Effect.Resumed(leader.epoch())));
    }
    changeRole(now, out);
  }

  private Surroundings surroundings(NanoTime now, List<Effect> out) {
    return new Surroundings(election, installer, now, out);
  }

  private NanoTime aloneAt() {
    return Isolation.aloneAt(gate, follower.link(), election, timings);
  }

  /** {@return a picture of this replica for people and callers} */
  public ReplicaView view() {
    ReplicaView.Readiness readiness = draining ? ReplicaView.Readiness.DRAINING : gate.readiness();
    Message.ApiAccess api = suspended ? Message.ApiAccess.SUSPENDED : Message.ApiAccess.CONFIRMED;
    return new Portrait(self, election, follower.link(), installer.served(), readiness)
        .draw(Optional.ofNullable(leadership).map(leader -> leader.view(api)));
  }
}
