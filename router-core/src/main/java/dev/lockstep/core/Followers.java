package dev.lockstep.core;

import dev.lockstep.core.config.Epoch;
import dev.lockstep.core.config.OrderedMap;
import dev.lockstep.core.config.Snapshot;
import dev.lockstep.core.config.Version;
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
import dev.lockstep.core.protocol.PodId;
import dev.lockstep.core.protocol.ReplicaId;
import dev.lockstep.core.protocol.Timings;
import dev.lockstep.core.replication.AckLog;
import dev.lockstep.core.replication.Pushes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The replicas as their leader deals with them: their links and what they say over them, whom it
 * counts, what it has sent, and the log of what came back.
 *
 * <p>Confined to one step: changed on a {@link #copy} only.
 */
final class Followers implements Cloneable {
  private final Identity self;
  private final Epoch epoch;

  private InSyncSet set;
  private Pushes pushes;
  private AckLog log;
  private OrderedMap<PodId> links = OrderedMap.empty();
  private NanoTime companySince;
  private Duration patience;

  Followers(Identity self, Timings timings, Epoch epoch, NanoTime now) {
    this.self = self;
    this.patience = timings.lonelyTime();
    this.epoch = epoch;
    this.set = new InSyncSet(self.pod(), epoch, timings);
    this.pushes = Pushes.of(epoch);
    this.log = AckLog.of(epoch);
    this.companySince = now;
  }

  Followers copy() {
    try {
      Followers copy = (Followers) clone();
      copy.set = set.copy();
      return copy;
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException("a final class that implements Cloneable can be cloned", e);
    }
  }

  /** {@return whom a barrier must hear from} */
  InSyncSet set() {
    return set;
  }

  /** {@return what the replicas said, oldest first} */
  List<AckEntry> acks() {
    return log.entries();
  }

  /** Lets everybody go. */
  void end(Optional<Lease> lease, List<Effect> out) {
    for (OrderedMap.Mapping<PodId> mapping : links) {
      LinkId link = new LinkId(Long.parseLong(mapping.key()));
      out.add(new Effect.Send(link, new Message.Moved(epoch, lease.flatMap(Lease::holder))));
      out.add(new Effect.Disconnect(link, "another replica leads"));
    }
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

  /** What a follower says. */
  void onMessage(LinkId link, Message.FromFollower message, Commits commits, Surroundings around) {
    Speaker from = new Speaker(link, links.get(key(link)).orElseThrow());
    NanoTime now = around.now();
    switch (message) {
      case Message.Hello hello -> onHello(from, hello, commits, around);
      case Message.Ack ack -> onAck(from, ack, commits, now);
      case Message.Nack nack -> onNack(from, nack, commits, now);
      case Message.Checked checked -> set.onChecked(from.pod(), now);
      case Message.Resync resync -> resync(link, commits, around);
      case Message.Heartbeat beat -> onHeartbeat(from, beat, commits, around);
      case Message.Bye bye -> set.onBye(from.pod());
    }
  }

  /** Who speaks, as the link proves. */
  private record Speaker(LinkId link, PodId pod) {}

  private void onHello(Speaker from, Message.Hello hello, Commits commits, Surroundings around) {
    PodId pod = from.pod();
    if (!hello.pod().equals(pod)) {
      String reason = "hello of another pod: " + hello.pod();
      around.out().add(new Effect.Disconnect(from.link(), reason));
      onLinkLost(from.link());
      return;
    }
    set.member(pod)
        .flatMap(Member::link)
        .filter(old -> !old.equals(from.link()))
        .ifPresent(old -> replace(old, around.out()));
    around.election().raiseFloors(hello.epochSeen(), hello.versionSeen());
    set.onHello(from.link(), hello, around.now());
    commits.compare(hello.applied(), hello.digest());
    String alias = set.member(pod).map(Member::alias).orElseThrow();
    pushes = pushes.onHello(from.link(), alias, hello.applied());
    // Counted already, and only now told so: it serves nothing before it hears this.
    Snapshot current = commits.pushed(around.installer());
    Message welcome =
        new Message.Welcome(
            epoch, alias, current.version(), current.digest(), List.of(), Optional.of(self));
    around.out().add(new Effect.Send(from.link(), welcome));
  }

  private void replace(LinkId old, List<Effect> out) {
    out.add(new Effect.Disconnect(old, "the replica has connected again"));
    onLinkLost(old);
  }

  private void onAck(Speaker from, Message.Ack ack, Commits commits, NanoTime now) {
    commits.compare(ack.version(), ack.digest());
    pushes = pushes.onAnswer(from.link(), ack.version());
    if (commits.isOurs(ack.version(), ack.digest())) {
      onServed(from.pod(), ack.version(), commits, now);
    }
  }

  private void onServed(PodId pod, Version version, Commits commits, NanoTime now) {
    set.onServed(pod, version, now);
    Duration after = commits.sinceCommit(version, now);
    append(new AckLog.Line(alias(pod), pod, version, AckEntry.Kind.ACK, after, ""));
  }

  private void onNack(Speaker from, Message.Nack nack, Commits commits, NanoTime now) {
    pushes = pushes.onAnswer(from.link(), Version.NONE);
    onRefused(from.pod(), nack, commits, now);
  }

  private void onRefused(PodId pod, Message.Nack nack, Commits commits, NanoTime now) {
    Version version = nack.version();
    String why = nack.problems().isEmpty() ? "no reason" : nack.problems().getFirst().toString();
    set.onRefused(pod, version, why, now);
    Duration after = commits.sinceCommit(version, now);
    append(new AckLog.Line(alias(pod), pod, version, AckEntry.Kind.NACK, after, why));
  }

  private void onHeartbeat(
      Speaker from, Message.Heartbeat beat, Commits commits, Surroundings around) {
    set.onHeard(from.pod(), beat, around.now());
    commits.compare(beat.version(), beat.digest());
    Snapshot current = commits.pushed(around.installer());
    boolean suspended = around.election().isSuspended(around.now());
    List<ReplicaId> successors = set.successors();
    around.election().rank(successors); // For those who have nothing but the Lease to go by.
    Message reply =
        new Message.HeartbeatReply(
            epoch,
            beat.sequence(),
            current.version(),
            current.digest(),
            set.standing(from.pod()),
            suspended ? Message.ApiAccess.SUSPENDED : Message.ApiAccess.CONFIRMED,
            around.election().lease().map(Lease::resourceVersion).orElse(0L),
            successors);
    around.out().add(new Effect.Send(from.link(), reply));
  }

  private void resync(LinkId link, Commits commits, Surroundings around) {
    Snapshot current = commits.pushed(around.installer());
    pushes = pushes.resync(link, current, sources(commits), around.out());
  }

  private void append(AckLog.Line line) {
    log = log.append(line);
  }

  private String alias(PodId pod) {
    return set.member(pod).map(Member::alias).orElse("");
  }

  // This replica itself, the first follower of what it leads.

  /** A version that this replica's own data plane refused: it never leaves it. */
  void onOwnRefusal(Event.InstallFailed failed, Commits commits, NanoTime now) {
    Message.Nack nack = new Message.Nack(epoch, failed.version(), failed.problems());
    onRefused(self.pod(), nack, commits, now);
  }

  /** Counts what this replica's own data plane serves. */
  void serve(Commits commits, Surroundings around) {
    Version served = around.installer().served().version();
    Optional<Member> own = set.member(self.pod());
    if (own.isPresent() && served.isAfter(own.get().acked())) {
      onServed(self.pod(), served, commits, around.now());
    }
    // Only now can it be sent to the others: who has not acked it is behind from here on.
    Version current = commits.pushed(around.installer()).version();
    if (current.isAfter(set.current())) {
      set.onCurrent(current, around.now());
    }
  }

  // What is due.

  /** Admits, fences and forgets whom it may, and sends what the others have not been told yet. */
  void advance(Commits commits, Surroundings around) {
    List<Effect> news = new ArrayList<>();
    set.advance(commits.head().version(), around.now(), news);
    news.forEach(effect -> note(effect, commits, around.now()));
    around.out().addAll(news);
    Snapshot current = commits.pushed(around.installer());
    pushes = pushes.advance(current, commits.history(), sources(commits), around.out());
  }

  /** Writes what the set has decided into the log. */
  private void note(Effect effect, Commits commits, NanoTime now) {
    if (effect instanceof Effect.Announce(Effect.MemberChanged changed)) {
      Version head = commits.head().version();
      Duration after = commits.sinceCommit(head, now);
      append(
          new AckLog.Line(
              alias(changed.pod()), changed.pod(), head, changed.kind(), after, changed.reason()));
    }
  }

  /** A leader that reaches no follower, though there are some, lets another one try. */
  void keepCompany(Surroundings around) {
    boolean company = set.hasCompany(around.now());
    if (company) {
      around.election().accompanied();
    }
    patience = around.election().patience();
    if (company || !othersRun()) {
      companySince = around.now();
    } else if (around.now().isAtOrAfter(companySince.plus(patience))) {
      companySince = around.now();
      around.election().retreat(around.now());
    }
  }

  /** {@return whether the pods are listed, and each other one that runs has said hello} */
  boolean allHaveSpoken() {
    return set.isListed() && runningOthers().allMatch(m -> m.hello().isPresent());
  }

  private boolean othersRun() {
    return runningOthers().anyMatch(m -> !m.isLeaving());
  }

  private Stream<Member> runningOthers() {
    return set.members().stream().filter(m -> !m.id().equals(self.pod()) && !m.looksDead());
  }

  NanoTime nextDeadline(NanoTime now) {
    NanoTime next = set.nextDeadline(now);
    return othersRun() ? NanoTime.min(next, companySince.plus(patience)) : next;
  }

  /** Who should lead next: in sync, up to date, and reachable right now. */
  Optional<Member> successor(Version head) {
    return set.successors().stream()
        .flatMap(
            replica ->
                set.members().stream()
                    .filter(m -> m.hello().map(h -> h.replica().equals(replica)).orElse(false)))
        .filter(m -> m.acked().isAtLeast(head) && m.isAdmitted())
        .findFirst();
  }

  private List<Address> sources(Commits commits) {
    List<Address> sources = new ArrayList<>();
    sources.add(self.address());
    set.members().stream()
        .filter(m -> m.link().isPresent() && m.acked().isAtLeast(commits.head().version()))
        .flatMap(m -> m.hello().map(Message.Hello::address).stream())
        .limit(3)
        .forEach(sources::add);
    return sources;
  }

  private static String key(LinkId link) {
    return Long.toString(link.number());
  }
}
