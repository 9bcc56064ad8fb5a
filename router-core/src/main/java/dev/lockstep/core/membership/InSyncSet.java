package dev.lockstep.core.membership;

import dev.lockstep.core.config.Epoch;
import dev.lockstep.core.config.OrderedMap;
import dev.lockstep.core.config.Version;
import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.Event;
import dev.lockstep.core.protocol.Identity;
import dev.lockstep.core.protocol.LinkId;
import dev.lockstep.core.protocol.Message;
import dev.lockstep.core.protocol.NanoTime;
import dev.lockstep.core.protocol.Pod;
import dev.lockstep.core.protocol.PodId;
import dev.lockstep.core.protocol.ReplicaId;
import dev.lockstep.core.protocol.Timings;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The leader's set of replicas that a barrier must hear from.
 *
 * <p>How it works. Every pod that is listed, seen or says hello is counted. It stops being counted
 * only when three things are true: a write of ours that left its condition False is confirmed (a
 * fence, or the stamp that a new leader puts on each pod that it found out of sync); no write that
 * could make it True is on its way; and then the drain time has passed, or every port refused a
 * probe that began after that confirmation. Each write carries the pod's resourceVersion, so a late
 * write of a deposed leader loses against the stamp, and carries the epoch, so a deposed leader
 * learns that it is one.
 *
 * <pre>
 * event               effect on a member
 * PodsListed/PodSeen  counted if new; condition False under our epoch starts the drain time
 * PodGone             drain time starts; forgotten afterwards
 * hello               counted; drain time anew if out of sync
 * ack of current      admitted once it has checked the Lease: counted, then the write
 * silence, lag        fenced within the rails; leaving or dead: fenced at once
 * PodWritten          as PodSeen
 * PodWriteUnresolved  read; the identical write again as long as it could still land
 * </pre>
 *
 * <p>Confined to one step: changed on a {@link #copy} only.
 */
public final class InSyncSet {
  private final PodId self;
  private final Epoch epoch;
  private final Timings timings;

  private OrderedMap<Member> members = OrderedMap.empty();
  private @Nullable Identity predecessor;
  private boolean listed;
  private Epoch highestStamp = Epoch.NONE;
  private Version highestVersion = Version.NONE;
  private Version highestHeard = Version.NONE;
  private Version current = Version.NONE;

  /** Makes the set of a new leader, which knows nobody yet. */
  public InSyncSet(PodId self, Epoch epoch, Timings timings) {
    this.self = self;
    this.epoch = epoch;
    this.timings = timings;
  }

  /** {@return a state that can be changed without changing this one} */
  public InSyncSet copy() {
    InSyncSet copy = new InSyncSet(self, epoch, timings);
    copy.members = members;
    copy.predecessor = predecessor;
    copy.listed = listed;
    copy.highestStamp = highestStamp;
    copy.highestVersion = highestVersion;
    copy.highestHeard = highestHeard;
    copy.current = current;
    return copy;
  }

  // What is known.

  /** {@return all replicas, ordered by pod} */
  public List<Member> members() {
    return members.values();
  }

  /** {@return the replica of this pod} */
  public Optional<Member> member(PodId pod) {
    return members.get(pod.path());
  }

  /** {@return whether the pods of the mesh were listed in this epoch} */
  public boolean isListed() {
    return listed;
  }

  /** {@return the highest epoch on any pod: above ours it says that we are deposed} */
  public Epoch highestStamp() {
    return highestStamp;
  }

  /** {@return the highest version on any pod: a floor for new ones} */
  public Version highestVersion() {
    return highestVersion;
  }

  /** {@return the version that members are measured against: the newest that the leader serves} */
  public Version current() {
    return current;
  }

  /** {@return the newest version that every counted replica has acked, at most the current one} */
  public Version lowestAcked() {
    Version lowest = current;
    for (OrderedMap.Mapping<Member> mapping : members) {
      if (mapping.value().counted) {
        lowest = Version.min(lowest, mapping.value().acked);
      }
    }
    return lowest;
  }

  /** {@return why nothing can be said about any barrier; empty when something can} */
  public String undecidable() {
    if (!listed) {
      return "the pods of the mesh are not listed yet";
    }
    if (member(self).filter(Member::isPresent).isEmpty()) {
      return "pod " + self.name() + ", the leader's own, is not among the pods of the mesh";
    }
    for (OrderedMap.Mapping<Member> mapping : members) {
      Member member = mapping.value();
      if (member.pod.gate() == Pod.Gate.MISSING && Fence.runs(member)) {
        return "pod " + member.id().name() + " has no readiness gate lockstep.dev/in-sync";
      }
    }
    return "";
  }

  /** {@return how a follower is counted, in the words of the protocol} */
  public Message.Standing standing(PodId pod) {
    Member member = member(pod).orElse(null);
    if (member != null && member.isAdmitted()) {
      return Message.Standing.IN_SYNC;
    }
    return member == null || member.fenced.isEmpty()
        ? Message.Standing.JOINING
        : Message.Standing.FENCED;
  }

  /** {@return whether another replica was heard of lately: a link that stands may be half cut} */
  public boolean hasCompany(NanoTime now) {
    return members.values().stream()
        .anyMatch(
            m ->
                !m.id().equals(self)
                    && m.link != null
                    && now.isBefore(m.heardAt.plus(timings.linkSilence())));
  }

  /** {@return the replicas that could lead next, most suitable first} */
  public List<ReplicaId> successors() {
    return members.values().stream()
        .filter(m -> !m.id().equals(self) && m.link != null && !m.isLeaving())
        .sorted(
            Comparator.comparing((Member m) -> m.isAdmitted() ? 0 : 1)
                .thenComparing(Member::acked, Comparator.reverseOrder())
                .thenComparing(Member::id))
        .flatMap(m -> m.hello().map(Message.Hello::replica).stream())
        .limit(8)
        .toList();
  }

  // Pods.

  /** Who led before: it may be dead, and then it never says hello to us. */
  public void onPredecessor(Identity last) {
    predecessor = last;
  }

  /** The first complete list of this epoch. */
  public void onListed(List<Pod> pods, NanoTime now) {
    listed = true;
    pods.forEach(pod -> onSeen(pod, now));
  }

  /** Any sight of a pod; an older one than known changes nothing. */
  public void onSeen(Pod pod, NanoTime now) {
    highestStamp = Epoch.max(highestStamp, pod.stamp());
    highestVersion = Version.max(highestVersion, pod.version());
    Member known = member(pod.id()).orElse(null);
    if (known == null) {
      Member added = new Member(pod, name(pod), now);
      if (predecessor != null && predecessor.pod().equals(pod.id()) && !pod.id().equals(self)) {
        added.contact = predecessor;
      }
      added.compareTo(current, now);
      added.onSeen(pod, epoch, now);
      put(added);
    } else if (known.isPresent() && pod.resourceVersion() > known.pod.resourceVersion()) {
      // A sight of a pod that is gone was late: its uid never comes back.
      boolean first = known.isUnseen() && !pod.alias().isEmpty();
      String name = first ? name(pod) : known.alias();
      edit(
          known,
          member -> {
            member.alias = name;
            member.onSeen(pod, epoch, now);
          });
    }
  }

  /** Whoever said hello before its pod was seen may have got another one's name, and returns it. */
  private String name(Pod pod) {
    Aliases.usurper(pod, members.values())
        .ifPresent(
            usurper -> {
              String free = Aliases.lowestFree(members.values());
              edit(usurper, member -> member.alias = free);
            });
    return Aliases.of(pod, members.values());
  }

  /** A pod does not exist any more. */
  public void onGone(PodId pod, NanoTime now) {
    member(pod)
        .filter(Member::isPresent)
        .ifPresent(known -> edit(known, member -> member.onGone(now)));
  }

  /** A condition write has an unknown outcome, or a read of it failed: only the pod can tell. */
  public void onWriteUnresolved(PodId pod, NanoTime now) {
    change(
        pod,
        member -> {
          if (member.writeBase != null || member.pod.resourceVersion() == 0) {
            member.readAt = now.plus(timings.retryPause());
          }
        });
  }

  /** A read showed the pod as it was: a write that can still land is sent once more, identical. */
  public void settle(Pod seen, Version committed, List<Effect> out) {
    Member member = member(seen.id()).orElse(null);
    if (member != null
        && member.writeBase != null
        && seen.resourceVersion() == member.writeBase.resourceVersion()) {
      out.add(java.util.Objects.requireNonNull(member.wanted));
    }
  }

  // Followers.

  /** A follower said hello over a link that proved its pod: it is counted from now on. */
  public void onHello(LinkId link, Message.Hello hello, NanoTime now) {
    highestHeard = Version.max(highestHeard, hello.applied());
    Member known = member(hello.pod()).orElse(null);
    if (known == null) {
      // No watch has shown this pod yet. It stays counted until it is seen: so it is read at once.
      Pod unseen = Pod.unseen(hello.pod());
      known = new Member(unseen, Aliases.of(unseen, members.values()), now);
      known.readAt = now;
    }
    edit(
        known,
        member -> {
          member.onHello(link, hello, now);
          member.compareTo(current, now);
        });
  }

  /** A follower, or this replica itself, serves this version. */
  public void onServed(PodId pod, Version version, NanoTime now) {
    change(
        pod,
        member -> {
          if (version.isAfter(member.acked)) {
            member.acked = version;
            member.ackedAt = now;
            member.lastNack = "";
          }
          member.heardAt = now;
          member.compareTo(current, now);
        });
  }

  /** A follower refused a version. A refusal is an answer: it never leads to eviction. */
  public void onRefused(PodId pod, Version version, String why, NanoTime now) {
    change(
        pod,
        member -> {
          member.heardAt = now;
          member.lastNack = version + ": " + why;
        });
  }

  /** A follower found our epoch on the Lease after it had applied. */
  public void onChecked(PodId pod, NanoTime now) {
    change(
        pod,
        member -> {
          member.checked = true;
          member.heardAt = now;
        });
  }

  /** A follower is alive. */
  public void onHeard(PodId pod, Message.Heartbeat beat, NanoTime now) {
    change(pod, member -> member.onHeard(epoch, beat, now));
  }

  /** A follower says that it is leaving. */
  public void onBye(PodId pod) {
    change(pod, member -> member.leaving = true);
  }

  /** A link is gone. */
  public void onLinkLost(PodId pod, LinkId link) {
    member(pod)
        .filter(known -> link.equals(known.link))
        .ifPresent(known -> edit(known, Member::onLinkLost));
  }

  /** An attempt to reach a replica ended. Silence is no evidence. */
  public void onProbed(ReplicaId replica, Event.Evidence evidence) {
    for (Member known : members()) {
      if (known.awaitsProbeOf(replica)) {
        edit(known, member -> onProbed(member, evidence));
      }
    }
  }

  private static void onProbed(Member member, Event.Evidence evidence) {
    member.probing = false;
    member.refused = member.link == null && evidence == Event.Evidence.GONE;
    // Only a probe that began after the fence was confirmed proves anything about it.
    boolean newer = member.probedAt.isAtOrAfter(member.drainFrom);
    member.provenGone = member.refused && newer;
  }

  /** This replica was paused: the silence of the others was its own, and so was their lag. */
  public void onResumed(NanoTime now) {
    members().forEach(known -> edit(known, member -> member.onResumed(now)));
  }

  /** This version is current from now on: who has not acked it is behind. */
  public void onCurrent(Version version, NanoTime now) {
    current = version;
    members().forEach(known -> edit(known, member -> member.compareTo(version, now)));
  }

  // What is due.

  /** Asks for the writes and probes that are due, and stops counting whom it may. */
  public void advance(Version committed, NanoTime now, List<Effect> out) {
    Duties duties = new Duties(self, epoch, timings, committed, admissions(committed));
    for (Member known : members()) {
      if (duties.isIdle(known, now)) {
        continue;
      }
      Member member = known.copy();
      if (duties.perform(member, members(), now, out)) {
        put(member);
      }
      if (!member.counted && !member.isPresent()) {
        members = members.without(member.id().path());
      }
    }
  }

  /** {@return when {@link #advance} may have something to do by time alone} */
  public NanoTime nextDeadline(NanoTime now) {
    Duties duties = new Duties(self, epoch, timings, current, admissions(current));
    NanoTime next = NanoTime.NEVER;
    for (OrderedMap.Mapping<Member> mapping : members) {
      next = NanoTime.min(next, duties.nextDeadline(mapping.value(), now));
    }
    return next;
  }

  /** A pod that was written under a newer version says that ours is not the newest. */
  private Duties.Admissions admissions(Version committed) {
    boolean outdated = highestVersion.isAfter(committed) || highestHeard.isAfter(committed);
    return outdated ? Duties.Admissions.CLOSED : Duties.Admissions.OPEN;
  }

  private void change(PodId pod, Consumer<Member> change) {
    member(pod).ifPresent(known -> edit(known, change));
  }

  private void edit(Member known, Consumer<Member> change) {
    Member member = known.copy();
    change.accept(member);
    put(member);
  }

  private void put(Member member) {
    members = members.with(member.id().path(), member);
  }
}
