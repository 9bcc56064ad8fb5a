package dev.lockstep.sim.invariant;

import dev.lockstep.core.config.Digest;
import dev.lockstep.core.config.Version;
import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.Message;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * A version number stands for one digest for ever, on the Lease, in messages and in data planes
 * (I3, design §4); what a data plane is given has the digest that it is said to have; and a version
 * that a replica commits for the first time is greater than all that were ever committed, even when
 * somebody deleted the Lease or put an older one in its place (trap 6, F14, F15).
 */
final class SameVersionSameConfig implements Invariant {

  private final Map<Version, Digest> digests = new LinkedHashMap<>();
  private final Set<Version> known = new LinkedHashSet<>(Set.of(Version.NONE));
  private Version newest = Version.NONE;

  /** What somebody with kubectl put together: a take-over carries it on, and nobody serves it. */
  private final Set<Pair> byHand = new LinkedHashSet<>();

  private record Pair(Version version, Digest digest) {}

  @Override
  public void observe(Fact fact, Mesh mesh) {
    if (fact instanceof Fact.LeaseEdited(var lease)) {
      known.add(lease.version());
      lease.digest().ifPresent(digest -> byHand.add(new Pair(lease.version(), digest)));
    } else if (fact instanceof Fact.LeaseCommitted(var lease)) {
      lease
          .digest()
          .filter(digest -> !byHand.contains(new Pair(lease.version(), digest)))
          .ifPresent(digest -> same(lease.version(), digest, "the Lease"));
      onLease(lease.version());
    } else if (fact instanceof Fact.LoopServes serves) {
      same(serves.snapshot().version(), serves.snapshot().config().digest(), "a data plane");
    } else if (fact instanceof Fact.Stepped step) {
      step.effects().forEach(this::onEffect);
    }
  }

  /** Writing a known number once more is a renewal; a new one is the highest so far. */
  private void onLease(Version version) {
    if (known.add(version)) {
      if (newest.isAfter(version)) {
        throw new Violation(this, "version " + version + " is new on the Lease after " + newest);
      }
      newest = version;
    }
  }

  private void onEffect(Effect effect) {
    if (effect instanceof Effect.Announce(Effect.Committed committed)) {
      same(committed.version(), committed.digest(), "a leader");
    } else if (effect instanceof Effect.Announce(Effect.Served served)) {
      same(served.version(), served.digest(), "a replica");
    } else if (effect instanceof Effect.Send(var link, var message)) {
      if (message instanceof Message.Push push) {
        same(push.delta().target(), push.delta().digest(), "a push");
      } else if (message instanceof Message.Ack ack) {
        same(ack.version(), ack.digest(), "an ack");
      } else if (message instanceof Message.Welcome welcome) {
        same(welcome.version(), welcome.digest(), "a welcome");
      }
    }
  }

  private void same(Version version, Digest digest, String where) {
    if (version.equals(Version.NONE)) {
      return;
    }
    Digest known = digests.putIfAbsent(version, digest);
    if (known != null && !known.equals(digest)) {
      throw new Violation(
          this,
          "version "
              + version
              + " is "
              + known.abbreviated()
              + ", and "
              + where
              + " has "
              + digest.abbreviated());
    }
  }
}
