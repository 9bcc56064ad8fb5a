package dev.lockstep.core;

import dev.lockstep.core.config.Epoch;
import dev.lockstep.core.config.OrderedMap;
import dev.lockstep.core.config.RouterConfig;
import dev.lockstep.core.config.Snapshot;
import dev.lockstep.core.config.Version;
import dev.lockstep.core.lease.Election;
import dev.lockstep.core.membership.InSyncSet;
import dev.lockstep.core.membership.Member;
import dev.lockstep.core.protocol.AckEntry;
import dev.lockstep.core.protocol.Address;
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
import dev.lockstep.core.replication.AckLog;
import dev.lockstep.core.replication.Barrier;
import dev.lockstep.core.replication.History;
import dev.lockstep.core.replication.Provenance;
import dev.lockstep.core.replication.Pushes;
import dev.lockstep.core.replication.TokenBucket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a replica does while it leads: from observed to committed, from served here to pushed, from
 * acked to open.
 *
 * <p>How it works. Observations become the desired config. When no commit is under way, the desired
 * config is proposed to the Lease with everything observed so far riding on it (group commit). A
 * confirmed commit is installed here first; once this data plane serves it, it is pushed; the
 * barrier opens when the slowest counted replica has acked.
 *
 * <p>Confined to one step: changed on a {@link #copy} only.
 */
final class Leadership implements Cloneable {
  private final Identity self;
  private final Timings timings;
  private final Epoch epoch;

  private InSyncSet set;
  private Pushes pushes;
  private History history = History.EMPTY;
  private Provenance known = Provenance.NONE;
  private Barrier barrier = Barrier.CLOSED;
  private AckLog log;
  private TokenBucket bucket;
  private OrderedMap<PodId> links = OrderedMap.empty();

  /** Newest commit whose content this leader knows; it may not be served yet. */
  private Snapshot head = Snapshot.NONE;

  private @Nullable RouterConfig desired;
  private @Nullable RouterConfig proposed;

  /** Some replica holds a number that ours must lie above, or other content under our number. */
  private boolean renumber;

  /** Questions whose object could not be read, and when to try again. */
  private OrderedMap<Long> unread = OrderedMap.empty();

  private NanoTime rereadAt = NanoTime.NEVER;
  private NanoTime companySince;

  /** Begins to lead: everything about the others is learned anew. */
  Leadership(Identity self, Timings timings, Epoch epoch, NanoTime now) {
    this.self = self;
    this.timings = timings;
    this.epoch = epoch;
    this.set = new InSyncSet(self.pod(), epoch, timings);
    this.pushes = Pushes.of(epoch);
    this.log = AckLog.of(epoch);
    this.bucket = TokenBucket.full(timings.commitsPerSecond(), timings.commitBurst());
    this.companySince = now;
  }

  Leadership copy() {
    try {
      Leadership copy = (Leadership) clone();
      copy.set = set.copy();
      return copy;
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException("a final class that implements Cloneable can be cloned", e);
    }
  }

  /** Starts what a leader needs; what it serves stands if the Lease names that very config. */
  void begin(Lease lease, Snapshot held, NanoTime now, List<Effect> out) {
    if (lease.version().equals(held.version())
        && lease.digest().equals(Optional.of(held.digest()))) {
      head = held;
      history = history.with(held, now);
      set.onCurrent(held.version(), now);
    }
    out.add(new Effect.FollowPods(epoch));
    out.add(new Effect.StartSources(epoch, held.config()));
  }

  /** Stops what a leader needed, and lets everybody go. */
  void end(Optional<Lease> lease, List<Effect> out) {
    out.add(new Effect.UnfollowPods());
    out.add(new Effect.StopSources());
    for (OrderedMap.Mapping<PodId> mapping : links) {
      LinkId link = new LinkId(Long.parseLong(mapping.key()));
      out.add(new Effect.Send(link, new Message.Moved(epoch, lease.flatMap(Lease::holder))));
      out.add(new Effect.Disconnect(link, "another replica leads"));
    }
    Answers answers = answers();
    barrier
        .questions()
        .forEach(waiting -> out.add(answers.undecidable(waiting, "the leader has changed")));
  }

  Epoch epoch() {
    return epoch;
  }

  // Pods.

  void onPodsListed(List<Pod> pods, NanoTime now) {
    set.onListed(pods, now);
  }

  void onPodSeen(Pod pod, NanoTime now, List<Effect> out) {
    set.onSeen(pod, now);
    set.settle(pod, head.version(), out);
  }

  void onPodWritten(Pod pod, NanoTime now) {
    set.onSeen(pod, now);
  }

  void onPodGone(PodId pod, NanoTime now) {
    set.onGone(pod, now);
  }

  void onPodUnresolved(PodId pod, NanoTime now) {
    set.onWriteUnresolved(pod, now);
  }

  void onProbed(Event.Probed probed) {
    set.onProbed(probed.replica(), probed.evidence());
  }

  void onResumed(NanoTime now) {
    set.onResumed(now);
  }

  // Sources.

  void onObserved(Event.SourcesObserved observed) {
    if (observed.epoch().equals(epoch)) {
      desired = observed.config();
      observed.observations().forEach(seen -> known = known.observe(seen));
    }
  }

  void onObjectObserved(Event.ObjectObserved read) {
    known = known.observe(read.observation());
    barrier = barrier.observed(read.question());
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

  // Links.

  void onConnected(LinkId link, PodId pod) {
    links = links.with(key(link), pod);
  }

  void onLinkLost(LinkId link) {
    links.get(key(link)).ifPresent(pod -> set.onLinkLost(pod, link));
    links = links.without(key(link));
    pushes = pushes.onLinkLost(link);
  }

  boolean knows(LinkId link) {
    return links.contains(key(link));
  }

  /** What a follower says; {@code standing} is what this leader can say of itself. */
  void onMessage(LinkId link, Message.FromFollower message, Surroundings around) {
    PodId pod = links.get(key(link)).orElseThrow();
    switch (message) {
      case Message.Hello hello -> onHello(link, pod, hello, around);
      case Message.Ack ack -> onAck(link, pod, ack, around);
      case Message.Nack nack -> onNack(link, pod, nack, around.now());
      case Message.Checked checked -> set.onChecked(pod, around.now());
      case Message.Resync resync ->
          pushes = pushes.resync(link, current(around), sources(), around.out());
      case Message.Heartbeat beat -> onHeartbeat(link, pod, beat, around);
      case Message.Bye bye -> set.onBye(pod);
    }
  }

  private void onHello(LinkId link, PodId pod, Message.Hello hello, Surroundings around) {
    if (!hello.pod().equals(pod)) {
      around.out().add(new Effect.Disconnect(link, "hello of another pod: " + hello.pod()));
      onLinkLost(link);
      return;
    }
    set.member(pod)
        .flatMap(Member::link)
        .filter(old -> !old.equals(link))
        .ifPresent(
            old -> {
              around.out().add(new Effect.Disconnect(old, "the replica has connected again"));
              onLinkLost(old);
            });
    around.election().raiseFloors(hello.epochSeen(), hello.versionSeen());
    set.onHello(link, hello, around.now());
    compare(hello.applied(), hello.digest());
    String alias = set.member(pod).map(Member::alias).orElseThrow();
    pushes = pushes.onHello(link, alias, hello.applied());
    // Counted already, and only now told so: it serves nothing before it hears this.
    Snapshot current = current(around);
    Message welcome =
        new Message.Welcome(epoch, alias, current.version(), current.digest(), List.of());
    around.out().add(new Effect.Send(link, welcome));
  }

  /** A replica that holds what we do not know, or other content under our number. */
  private void compare(Version applied, dev.lockstep.core.config.Digest digest) {
    boolean beyond = head.version().isAfter(Version.NONE) && applied.isAfter(head.version());
    boolean other = history.find(applied).filter(ours -> !ours.digest().equals(digest)).isPresent();
    renumber = renumber || beyond || other;
  }

  private void onAck(LinkId link, PodId pod, Message.Ack ack, Surroundings around) {
    compare(ack.version(), ack.digest());
    pushes = pushes.onAnswer(link, ack.version());
    if (history.find(ack.version()).filter(s -> !s.digest().equals(ack.digest())).isEmpty()) {
      set.onServed(pod, ack.version(), around.now());
      append(pod, ack.version(), AckEntry.Kind.ACK, "", around.now());
    }
  }

  private void onNack(LinkId link, PodId pod, Message.Nack nack, NanoTime now) {
    String why = nack.problems().isEmpty() ? "no reason" : nack.problems().getFirst().toString();
    pushes = pushes.onAnswer(link, Version.NONE);
    set.onRefused(pod, nack.version(), why, now);
    append(pod, nack.version(), AckEntry.Kind.NACK, why, now);
  }

  private void onHeartbeat(LinkId link, PodId pod, Message.Heartbeat beat, Surroundings around) {
    set.onHeard(pod, around.now());
    compare(beat.version(), beat.digest());
    Snapshot current = current(around);
    boolean suspended = around.election().isSuspended(around.now());
    Message reply =
        new Message.HeartbeatReply(
            epoch,
            beat.sequence(),
            current.version(),
            current.digest(),
            set.standing(pod),
            suspended ? Message.ApiAccess.SUSPENDED : Message.ApiAccess.CONFIRMED,
            around.election().lease().map(Lease::resourceVersion).orElse(0L),
            set.successors());
    around.out().add(new Effect.Send(link, reply));
  }

  private void append(PodId pod, Version version, AckEntry.Kind kind, String reason, NanoTime now) {
    String alias = set.member(pod).map(Member::alias).orElse("");
    Duration after = history.committedAt(version).map(now::since).orElse(Duration.ZERO);
    log = log.append(new AckLog.Line(alias, pod, version, kind, after, reason));
  }

  // Callers.

  void onAsked(Question question, List<Effect> out) {
    barrier = barrier.ask(question);
    if (question.about() instanceof Question.AtObject at && Barrier.needsReading(at, known)) {
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

  /** Does everything that is due, in the order in which one thing makes the next possible. */
  void advance(Surroundings around) {
    deposeByStamp(around.election());
    propose(around);
    serve(around);
    List<Effect> news = new ArrayList<>();
    set.advance(head.version(), around.now(), news);
    news.forEach(effect -> note(effect, around));
    around.out().addAll(news);
    pushes = pushes.advance(current(around), history, sources(), around.out());
    open(around);
    reread(around);
    answer(around);
    keepCompany(around);
  }

  /** A higher epoch on a pod says that somebody else leads, or has led under a later number. */
  private void deposeByStamp(Election election) {
    election.raiseFloors(set.highestStamp(), set.highestVersion());
    if (election.floors().epoch().isAfter(epoch) && election.isLeading()) {
      election.stepDown();
    }
  }

  /** A version that this replica's own data plane refused: it never leaves it. */
  void onOwnRefusal(Event.InstallFailed failed, NanoTime now) {
    String why =
        failed.problems().isEmpty() ? "no reason" : failed.problems().getFirst().toString();
    set.onRefused(self.pod(), failed.version(), why, now);
    append(self.pod(), failed.version(), AckEntry.Kind.NACK, why, now);
  }

  /** {@return the newest commit, if it is newer than this version} */
  Optional<Snapshot> newerThan(Version version) {
    return head.version().isAfter(version) ? Optional.of(head) : Optional.empty();
  }

  /** Takes note of a confirmed commit: it is held here now, and installed next. */
  void commit(Surroundings around) {
    Lease bound = around.election().lastBound().orElse(null);
    RouterConfig config = proposed;
    if (config == null
        || bound == null
        || !bound.version().isAfter(head.version())
        || !bound.digest().equals(Optional.of(config.digest()))) {
      return;
    }
    int changes = head.config().changesTo(config).size();
    head = new Snapshot(bound.version(), bound.digest().get(), config);
    proposed = null;
    history = history.with(head, around.now());
    known = known.commit(head.version());
    set.onCurrent(head.version(), around.now());
    around
        .out()
        .add(
            new Effect.Announce(
                new Effect.Committed(epoch, head.version(), head.digest(), changes)));
  }

  private void propose(Surroundings around) {
    RouterConfig wanted = desired;
    if (wanted == null
        || proposed != null
        || !set.isListed()
        || !around.election().canPropose()
        || around.election().isSuspended(around.now())) {
      return;
    }
    boolean unchanged =
        head.version().isAfter(Version.NONE) && wanted.digest().equals(head.digest());
    if (unchanged && !renumber) {
      known = known.settle(head.version());
    } else if (around.now().isAtOrAfter(bucket.nextAt(around.now()))) {
      bucket = bucket.take(around.now());
      proposed = wanted;
      renumber = false;
      known = known.ride();
      around.election().propose(wanted.digest());
    }
  }

  /** Counts this replica's own data plane as the first follower. */
  private void serve(Surroundings around) {
    Version served = around.installer().served().version();
    Optional<Member> own = set.member(self.pod());
    if (own.isPresent() && served.isAfter(own.get().acked())) {
      set.onServed(self.pod(), served, around.now());
      append(self.pod(), served, AckEntry.Kind.ACK, "", around.now());
    }
  }

  /** Writes what the set has decided into the log. */
  private void note(Effect effect, Surroundings around) {
    if (effect instanceof Effect.Announce announce
        && announce.notice() instanceof Effect.MemberChanged changed) {
      append(changed.pod(), head.version(), changed.kind(), changed.reason(), around.now());
    }
  }

  private void open(Surroundings around) {
    Version before = barrier.open();
    if (set.undecidable().isEmpty()) {
      barrier = barrier.raise(set.lowestAcked());
    }
    if (barrier.open().isAfter(before)) {
      Version now = barrier.open();
      Duration after = history.committedAt(now).map(around.now()::since).orElse(Duration.ZERO);
      around.out().add(new Effect.Announce(new Effect.BarrierOpened(epoch, now, after)));
    }
  }

  private void answer(Surroundings around) {
    Answers answers = answers();
    Optional<Version> current =
        desired != null && head.version().isAfter(Version.NONE)
            ? Optional.of(head.version())
            : Optional.empty();
    for (Barrier.Waiting waiting : barrier.questions()) {
      Barrier.Target target = Barrier.target(waiting, known, current);
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

  /** A leader that reaches no follower, though there are some, lets another one try. */
  private void keepCompany(Surroundings around) {
    boolean alone = pushes.followers().isEmpty() && othersRun();
    if (!alone) {
      companySince = around.now();
    } else if (around.now().isAtOrAfter(companySince.plus(timings.lonelyTime()))) {
      companySince = around.now();
      around.election().abstainUntil(around.now().plus(timings.lonelyTime()));
      around.election().depart(Optional.empty(), Optional.empty());
    }
  }

  private boolean othersRun() {
    return set.members().stream()
        .anyMatch(
            m ->
                !m.id().equals(self.pod())
                    && !m.isLeaving()
                    && m.pod().process() == Pod.Process.RUNNING);
  }

  NanoTime nextDeadline(NanoTime now) {
    NanoTime next = NanoTime.min(set.nextDeadline(now), barrier.nextDeadline());
    if (!unread.isEmpty()) {
      next = NanoTime.min(next, rereadAt);
    }
    if (desired != null && proposed == null) {
      NanoTime token = bucket.nextAt(now);
      next = token.isBefore(now) ? next : NanoTime.min(next, token);
    }
    return pushes.followers().isEmpty() && othersRun()
        ? NanoTime.min(next, companySince.plus(timings.lonelyTime()))
        : next;
  }

  /** Who should lead next: in sync, up to date, and reachable right now. */
  Optional<Member> successor() {
    return set.successors().stream()
        .flatMap(
            replica ->
                set.members().stream()
                    .filter(m -> m.hello().map(h -> h.replica().equals(replica)).orElse(false)))
        .filter(m -> m.acked().isAtLeast(head.version()) && m.isAdmitted())
        .findFirst();
  }

  /** What is pushed: what this data plane serves, once it is a commit that this leader knows. */
  private Snapshot current(Surroundings around) {
    return history.find(around.installer().served().version()).orElse(Snapshot.NONE);
  }

  private List<Address> sources() {
    List<Address> sources = new ArrayList<>();
    sources.add(self.address());
    set.members().stream()
        .filter(m -> m.link().isPresent() && m.acked().isAtLeast(head.version()))
        .flatMap(m -> m.hello().map(Message.Hello::address).stream())
        .limit(3)
        .forEach(sources::add);
    return sources;
  }

  private Answers answers() {
    return new Answers(epoch, self, set, barrier.open(), head.version(), known);
  }

  ReplicaView.Leadership view(Message.ApiAccess api) {
    return new ReplicaView.Leadership(
        api,
        head.version(),
        barrier.open(),
        answers().members(),
        desired == null ? ReplicaView.Sources.READING : ReplicaView.Sources.SYNCED,
        known.quarantined(),
        log.entries(),
        set.undecidable());
  }

  private static String key(LinkId link) {
    return Long.toString(link.number());
  }
}
