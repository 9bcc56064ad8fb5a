package dev.lockstep.sim.invariant;

import dev.lockstep.core.config.Version;
import dev.lockstep.core.protocol.Answer;
import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.ReplicaId;

/**
 * Once anybody was told that a version is open, no client's request meets an older one: on no
 * replica that the endpoints still lead to, and over no connection that is still open (I4, design
 * §7). Everything else in this package serves this sentence.
 */
final class BarrierReleasedOnlyWhenAllServe implements Invariant {

  private Version open = Version.NONE;
  private Object told = "";
  private Object teller = "";

  @Override
  public void observe(Fact fact, Mesh mesh) {
    if (fact instanceof Fact.Stepped step) {
      for (Effect effect : step.effects()) {
        onEffect(step.replica(), effect);
      }
    }
  }

  private void onEffect(ReplicaId replica, Effect effect) {
    if (effect instanceof Effect.Reply(var question, Answer.Open answer)) {
      opened(answer.version(), replica, answer);
    } else if (effect instanceof Effect.Announce(Effect.BarrierOpened opened)) {
      opened(opened.version(), replica, opened);
    }
  }

  private void opened(Version version, ReplicaId by, Object how) {
    if (version.isAfter(open)) {
      open = version;
      told = how;
      teller = by;
    }
  }

  @Override
  public void check(Mesh mesh) {
    if (!open.equals(Version.NONE)) {
      mesh.exposures(this::meets);
    }
  }

  private void meets(ReplicaId replica, Version served) {
    if (open.isAfter(served)) {
      throw new Violation(
          this,
          "version "
              + open
              + " is open ("
              + teller
              + ": "
              + told
              + "), and a client of "
              + replica
              + " meets "
              + served);
    }
  }
}
