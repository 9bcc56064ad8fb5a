package dev.lockstep.core;

import dev.lockstep.core.config.Epoch;
import dev.lockstep.core.config.OrderedMap;
import dev.lockstep.core.config.RouterConfig;
import dev.lockstep.core.config.Snapshot;
import dev.lockstep.core.config.Version;
import dev.lockstep.core.lease.Election;
import dev.lockstep.core.membership.InSyncSet;
import dev.lockstep.core.membership.Member;
import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.Event;
import dev.lockstep.core.protocol.Identity;
import dev.lockstep.core.protocol.Lease;
import dev.lockstep.core.protocol.LinkId;
import dev.lockstep.core.protocol.Message;
import dev.lockstep.core.protocol.NanoTime;
import dev.lockstep.core.protocol.Pod;
import dev.lockstep.core.protocol.PodId;
import dev.lockstep.core.protocol.Question;
import dev.lockstep.core.protocol.Timings;
import dev.lockstep.core.replication.Barrier;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a replica does while it leads: from observed to committed, from served here to pushed, from
 * acked to open.
 *
 * <p>How it works. {@link Commits} turns observations into confirmed versions. A confirmed version
 * is installed here first; once this data plane serves it, {@link Followers} push it; the {@link
 * Barrier} opens when the slowest counted replica has acked.
 *
 * <p>Confined to one step: changed on a {@link #copy} only.
 */
final class Leadership implements Cloneable {
  private final Identity self;
  private final Timings timings;
  private final Epoch epoch;

  private Commits commits;
  private Followers followers;

  /** Null before there is anything to inherit, and once the sources were started. */
  private @Nullable Inheritance inheritance;

  private Barrier barrier = Barrier.CLOSED;

  /** Questions whose object could not be read, and when to try again. */
  private OrderedMap<Long> unread = OrderedMap.empty();

  private NanoTime rereadAt = NanoTime.NEVER;

  /** Begins to lead: everything about the others is learned anew. */
  Leadership(Identity self, Timings timings, Epoch epoch, NanoTime now) {
    this.self = self;
    this.timings = timings;
    this.epoch = epoch;
    this.commits = new Commits(epoch, timings);
    this.followers = new Followers(self, timings, epoch, now);
  }

  Leadership copy() {
    try {
      Leadership copy = (Leadership) clone();
      copy.commits = commits.copy();
      copy.followers = followers.copy();
      return copy;
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException("a final class that implements Cloneable can be cloned", e);
    }
  }

  /** Notes who led before, as far as this replica has heard. */
  void succeed(Identity predecessor) {
    followers.set().onPredecessor(predecessor);
  }

  /** Starts what a leader needs; what it serves stands if the Lease names that very config. */
  void begin(Lease lease, Snapshot held, NanoTime now, List<Effect> out) {
    commits.begin(lease, held);
    out.add(new Effect.FollowPods(epoch));
    if (lease.version().equals(Version.NONE)) {
      startSources(RouterConfig.EMPTY, out);
    } else {
      inheritance = Inheritance.of(lease, now, timings);
    }
  }

  private void inherit(Inheritance from, Surroundings around) {
    Snapshot held = around.installer().held();
    Optional<Member> own = followers.set().member(self.pod());
    if (own.isPresent() && from.isCoveredBy(own.get().pod(), held.version(), held.digest())) {
      startSources(held.config(), around.out());
      return;
    }
    inheritance = from.ask(followers.set().members(), around.now(), around.out());
    if (inheritance.isInVain(followers.allHaveSpoken(), around.now())) {
      startSources(RouterConfig.EMPTY, around.out());
    }
  }

  private void startSources(RouterConfig previous, List<Effect> out) {
    inheritance = null;
    out.add(new Effect.StartSources(epoch, previous));
  }

  void onFetched(Snapshot fetched, List<Effect> out) {
    if (inheritance != null && inheritance.isAsking()) {
      startSources(fetched.config(), out);
    }
  }

  void onFetchFailed(NanoTime now) {
    if (inheritance != null) {
      inheritance = inheritance.onFailed(now, timings.retryPause());
    }
  }

  /** Stops what a leader needed, and lets everybody go. */
  void end(Optional<Lease> lease, List<Effect> out) {
    out.add(new Effect.UnfollowPods());
    out.add(new Effect.StopSources());
    followers.end(lease, out);
    Answers answers = answers();
    barrier
        .questions()
        .forEach(waiting -> out.add(answers.undecidable(waiting, "the leader has changed")));
  }

  Epoch epoch() {
    return epoch;
  }

  /** {@return whether this leadership knows that nothing newer than this was ever open} */
  boolean vouchesFor(Version version) {
    return commits.vouchesFor(version);
  }

  // Pods.

  void onPodsListed(List<Pod> pods, NanoTime now) {
    followers.set().onListed(pods, now);
    boolean inSync = pods.stream().anyMatch(p -> p.id().equals(self.pod()) && p.isInSync());
    commits.onListed(inSync, now);
  }

  void onPodSeen(Pod pod, NanoTime now, List<Effect> out) {
    followers.set().onSeen(pod, now);
    followers.set().settle(pod, commits.head().version(), out);
  }

  void onPodWritten(Pod pod, NanoTime now) {
    followers.set().onSeen(pod, now);
  }

  void onPodGone(PodId pod, NanoTime now) {
    followers.set().onGone(pod, now);
  }

  void onPodUnresolved(PodId pod, NanoTime now) {
    followers.set().onWriteUnresolved(pod, now);
  }

  void onProbed(Event.Probed probed) {
    followers.set().onProbed(probed.replica(), probed.evidence());
  }

  void onResumed(NanoTime now) {
    followers.set().onResumed(now);
  }

  // Links.

  void onConnected(LinkId link, PodId pod) {
    followers.onConnected(link, pod);
  }

  void onLinkLost(LinkId link) {
    followers.onLinkLost(link);
  }

  boolean knows(LinkId link) {
    return followers.knows(link);
  }

  void onMessage(LinkId link, Message.FromFollower message, Surroundings around) {
    followers.onMessage(link, message, commits, around);
  }

  void onOwnRefusal(Event.InstallFailed failed, NanoTime now) {
    followers.onOwnRefusal(failed, commits, now);
  }

  // Sources.

  void onObserved(Event.SourcesObserved observed) {
    commits.onObserved(observed);
  }

  void onObjectObserved(Event.ObjectObserved read) {
    // A read for an earlier leadership is not in these sources: it would count as included.
    if (barrier.find(read.question()).isPresent()) {
      commits.observe(read.observation());
      barrier = barrier.observed(read.question());
    }
  }

  void onObjectReadFailed(long question, NanoTime now) {
    // The caller's deadline is the limit: reading goes on until then, after a pause.
    unread = unread.with(Long.toString(question), question);
    rereadAt = now.plus(timings.retryPause());
  }

  private void reread(Surroundings around) {
    if (unread.isEmpty() || around.now().isBefore(rereadAt)) {
      return;
    }
    for (long question : unread.values()) {
      barrier.find(question).ifPresent(waiting -> read(waiting.question(), around.out()));
    }
    unread = OrderedMap.empty();
  }

  // Callers.

  void onAsked(Question question, List<Effect> out) {
    barrier = barrier.ask(question);
    if (question.about() instanceof Question.AtObject at
        && Barrier.needsReading(at, commits.known())) {
      read(question, out);
    }
  }

  private static void read(Question question, List<Effect> out) {
    if (question.about() instanceof Question.AtObject at) {
      out.add(new Effect.ReadObject(question.id(), at.object()));
    }
  }

  void onCancelled(long question) {
    barrier = barrier.forget(question);
  }

  // What is due.

  /** {@return the newest commit, if it is newer than this version} */
  Optional<Snapshot> newerThan(Version version) {
    return commits.newerThan(version);
  }

  /** Takes note of a confirmed commit: it is held here now, and installed next. */
  void commit(Surroundings around) {
    commits.confirm(around);
  }

  /** Does everything that is due, in the order in which one thing makes the next possible. */
  void advance(Surroundings around) {
    deposeByStamp(around.election());
    if (!around.election().isLeading()) {
      return; // Over: the next thing is to let everybody go.
    }
    if (inheritance != null && followers.set().isListed()) {
      inherit(inheritance, around);
    }
    if (followers.set().isListed()) {
      commits.outnumber(followers.set().highestVersion());
      commits.propose(around);
    }
    if (!barrier.questions().isEmpty()) {
      commits.hurry(around.election());
    }
    followers.serve(commits, around);
    followers.advance(commits, around);
    open(around);
    reread(around);
    answer(around);
    followers.keepCompany(around);
  }

  /** A higher epoch on a pod says that somebody else leads, or has led under a later number. */
  private void deposeByStamp(Election election) {
    InSyncSet set = followers.set();
    election.raiseFloors(set.highestStamp(), set.highestVersion());
    if (election.floors().epoch().isAfter(epoch) && election.isLeading()) {
      election.stepDown();
    }
  }

  private void open(Surroundings around) {
    Version before = barrier.open();
    if (followers.set().undecidable().isEmpty()) {
      barrier = barrier.raise(followers.set().lowestAcked());
    }
    if (barrier.open().isAfter(before)) {
      Version open = barrier.open();
      Duration after = commits.sinceCommit(open, around.now());
      around.out().add(new Effect.Announce(new Effect.BarrierOpened(epoch, open, after)));
    }
  }

  private void answer(Surroundings around) {
    if (commits.isLifting()) {
      barrier = barrier.lift();
    }
    Answers answers = answers();
    for (Barrier.Waiting waiting : barrier.questions()) {
      Barrier.Target target = Barrier.target(waiting, commits.known(), commits.current());
      if (target instanceof Barrier.Target.At at && waiting.version().isEmpty()) {
        barrier = barrier.settle(waiting, at.version());
      }
      Optional<Effect> reply = answers.answer(waiting, target, around.now());
      if (reply.isPresent()) {
        around.out().add(reply.get());
        barrier = barrier.forget(waiting.question().id());
      }
    }
  }

  NanoTime nextDeadline(NanoTime now) {
    NanoTime next = NanoTime.min(followers.nextDeadline(now), barrier.nextDeadline());
    next = NanoTime.min(next, commits.nextDeadline(now));
    if (inheritance != null && followers.set().isListed()) {
      next = NanoTime.min(next, inheritance.nextDeadline(now));
    }
    return unread.isEmpty() ? next : NanoTime.min(next, rereadAt);
  }

  /** {@return who should lead next: in sync, up to date, and reachable right now} */
  Optional<Member> successor() {
    return followers.successor(commits.head().version());
  }

  // Views.

  private Answers answers() {
    return new Answers(
        epoch, self, followers.set(), barrier.open(), commits.head().version(), commits.known());
  }

  ReplicaView.Leadership view(Message.ApiAccess api) {
    return new ReplicaView.Leadership(
        api,
        commits.head().version(),
        barrier.open(),
        answers().members(),
        commits.isSynced() ? ReplicaView.Sources.SYNCED : ReplicaView.Sources.READING,
        commits.known().quarantined(),
        followers.acks(),
        followers.set().undecidable());
  }
}
