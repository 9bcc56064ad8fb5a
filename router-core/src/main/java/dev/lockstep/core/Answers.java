package dev.lockstep.core;

import dev.lockstep.core.config.Epoch;
import dev.lockstep.core.config.Version;
import dev.lockstep.core.membership.InSyncSet;
import dev.lockstep.core.membership.Member;
import dev.lockstep.core.protocol.Address;
import dev.lockstep.core.protocol.Answer;
import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.Identity;
import dev.lockstep.core.protocol.Message;
import dev.lockstep.core.protocol.NanoTime;
import dev.lockstep.core.protocol.Observation;
import dev.lockstep.core.protocol.Question;
import dev.lockstep.core.protocol.ReplicaId;
import dev.lockstep.core.replication.Barrier;
import dev.lockstep.core.replication.Provenance;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Puts the state of a leader into words for callers and operators.
 *
 * @param epoch of the leader
 * @param self who leads
 * @param set whom it counts
 * @param open newest version whose barrier is open
 * @param current newest version
 * @param known what is known of objects
 */
record Answers(
    Epoch epoch, Identity self, InSyncSet set, Version open, Version current, Provenance known) {

  /** {@return the reply to a question; empty as long as it has to wait} */
  Optional<Effect> answer(Barrier.Waiting waiting, Barrier.Target target, NanoTime now) {
    boolean late = now.isAtOrAfter(waiting.question().deadline());
    String unsure = set.isListed() ? set.undecidable() : "";
    if (!unsure.isEmpty()) {
      return Optional.of(undecidable(waiting, unsure));
    }
    return switch (target) {
      case Barrier.Target.Final(Answer answer) -> Optional.of(reply(waiting, answer));
      case Barrier.Target.Later(String reason) ->
          late ? Optional.of(reply(waiting, lateAnswer(waiting, reason))) : Optional.empty();
      case Barrier.Target.At(Version version) -> at(waiting, version, late);
    };
  }

  private Optional<Effect> at(Barrier.Waiting waiting, Version version, boolean late) {
    List<Answer.Applied> applied = applied(version);
    int wanted = waiting.question().minReplicas();
    if (open.isAtLeast(version) && applied.size() >= wanted) {
      return Optional.of(
          reply(waiting, new Answer.Open(version, epoch, applied, excluded(version))));
    }
    if (!late) {
      return Optional.empty();
    }
    return Optional.of(
        reply(
            waiting,
            new Answer.Late(Optional.of(version), pending(version), whyLate(version, wanted))));
  }

  private String whyLate(Version version, int wanted) {
    if (version.isAfter(current)) {
      return "version " + version + " is not committed, the newest is " + current;
    }
    return open.isAtLeast(version) ? wanted + " replicas were asked for" : "";
  }

  /** {@return the reply that says why nobody can tell} */
  Effect undecidable(Barrier.Waiting waiting, String reason) {
    return reply(waiting, new Answer.Undecidable(reason));
  }

  private Answer lateAnswer(Barrier.Waiting waiting, String reason) {
    if (waiting.question().about() instanceof Question.AtObject at
        && at.state() == Observation.State.ABSENT) {
      Optional<Observation> seen =
          known
              .find(at.object())
              .map(Provenance.Tracked::observation)
              .filter(o -> o.state() == Observation.State.PRESENT);
      if (waiting.observed() && seen.isPresent()) {
        return new Answer.StillPresent(at.object(), seen.get().resourceVersion());
      }
    }
    return new Answer.Late(Optional.empty(), List.of(), reason);
  }

  private static Effect reply(Barrier.Waiting waiting, Answer answer) {
    return new Effect.Reply(waiting.question().id(), answer);
  }

  private List<Answer.Applied> applied(Version version) {
    return set.members().stream()
        .filter(m -> m.isCounted() && m.acked().isAtLeast(version))
        .map(m -> new Answer.Applied(m.alias(), m.id(), m.acked()))
        .sorted(Comparator.comparing(Answer.Applied::alias))
        .toList();
  }

  private List<Answer.Excluded> excluded(Version version) {
    return set.members().stream()
        .filter(m -> !m.isCounted() && !m.acked().isAtLeast(version))
        .map(m -> new Answer.Excluded(m.alias(), m.id(), m.acked(), reason(m)))
        .sorted(Comparator.comparing(Answer.Excluded::alias))
        .toList();
  }

  private List<Answer.Pending> pending(Version version) {
    return set.members().stream()
        .filter(m -> m.isCounted() && !m.acked().isAtLeast(version))
        .map(m -> new Answer.Pending(m.alias(), m.id(), m.acked(), reason(m)))
        .sorted(Comparator.comparing(Answer.Pending::alias))
        .toList();
  }

  private static String reason(Member member) {
    if (!member.lastNack().isEmpty()) {
      return "refused " + member.lastNack();
    }
    if (!member.fenced().isEmpty()) {
      return member.fenced();
    }
    if (member.hello().isEmpty()) {
      return "has not connected to this leader";
    }
    return member.link().isEmpty() ? "is not connected" : "has not applied it yet";
  }

  /** {@return all replicas as the operator sees them, ordered by alias} */
  List<ReplicaView.Member> members() {
    return set.members().stream()
        .map(this::view)
        .sorted(
            Comparator.comparing((ReplicaView.Member m) -> m.alias().length())
                .thenComparing(ReplicaView.Member::alias))
        .toList();
  }

  private ReplicaView.Member view(Member member) {
    ReplicaView.MemberState state = state(member);
    boolean fine =
        state == ReplicaView.MemberState.LEADER || state == ReplicaView.MemberState.IN_SYNC;
    boolean leader = member.id().equals(self.pod());
    Optional<ReplicaId> replica =
        leader ? Optional.of(self.replica()) : member.hello().map(Message.Hello::replica);
    Optional<Address> address =
        leader ? Optional.of(self.address()) : member.hello().map(Message.Hello::address);
    return new ReplicaView.Member(
        member.alias(),
        member.id(),
        replica,
        member.pod().node(),
        address,
        state,
        member.acked(),
        member.ackedAt(),
        member.lastNack(),
        fine ? "" : reason(member));
  }

  private ReplicaView.MemberState state(Member member) {
    if (member.id().equals(self.pod())) {
      return ReplicaView.MemberState.LEADER;
    }
    if (member.isLeaving()) {
      return ReplicaView.MemberState.LEAVING;
    }
    if (!member.isAdmitted()) {
      return member.fenced().isEmpty()
          ? ReplicaView.MemberState.JOINING
          : member.isCounted() ? ReplicaView.MemberState.FENCING : ReplicaView.MemberState.FENCED;
    }
    return member.acked().isAtLeast(current) && member.link().isPresent()
        ? ReplicaView.MemberState.IN_SYNC
        : ReplicaView.MemberState.LAGGING;
  }
}
