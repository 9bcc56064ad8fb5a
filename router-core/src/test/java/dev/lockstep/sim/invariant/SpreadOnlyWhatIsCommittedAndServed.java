package dev.lockstep.sim.invariant;

import dev.lockstep.core.config.Digest;
import dev.lockstep.core.config.Version;
import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.Event;
import dev.lockstep.core.protocol.Message;
import dev.lockstep.core.protocol.ReplicaId;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Nobody hears of a version before the write that binds it is confirmed, and nobody is sent what
 * its leader does not serve itself (I3, rules P15 and P17).
 */
final class SpreadOnlyWhatIsCommittedAndServed implements Invariant {

  private final Map<Version, Digest> committed = new LinkedHashMap<>();
  private final Map<ReplicaId, Version> served = new LinkedHashMap<>();

  @Override
  public void observe(Fact fact, Mesh mesh) {
    if (fact instanceof Fact.LeaseCommitted(var lease)) {
      lease.digest().ifPresent(digest -> committed.put(lease.version(), digest));
    } else if (fact instanceof Fact.Ended(var replica)) {
      served.remove(replica);
    } else if (fact instanceof Fact.Stepped step) {
      if (step.event() instanceof Event.Installed(var version)) {
        served.put(step.replica(), version);
      }
      step.effects().forEach(effect -> onEffect(step.replica(), effect));
    }
  }

  private void onEffect(ReplicaId replica, Effect effect) {
    if (effect instanceof Effect.Send(var link, var message)) {
      if (message instanceof Message.Push push) {
        spread(replica, push.delta().target(), push.delta().digest(), message);
      } else if (message instanceof Message.Welcome welcome) {
        spread(replica, welcome.version(), welcome.digest(), message);
      } else if (message instanceof Message.HeartbeatReply reply) {
        spread(replica, reply.version(), reply.digest(), message);
      }
    }
  }

  private void spread(ReplicaId leader, Version version, Digest digest, Message message) {
    if (version.equals(Version.NONE)) {
      return;
    }
    if (!digest.equals(committed.get(version))) {
      throw new Violation(this, leader + " tells of what is not committed: " + message);
    }
    if (version.isAfter(served.getOrDefault(leader, Version.NONE))) {
      throw new Violation(this, leader + " tells of what it does not serve: " + message);
    }
  }
}
