package dev.lockstep.core.replication;

import dev.lockstep.core.config.Snapshot;
import dev.lockstep.core.config.Version;
import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.NanoTime;
import java.util.List;
import java.util.Optional;

/**
 * Brings the newest config that this replica holds into its data plane, one install at a time. What
 * arrives meanwhile waits, and only the newest of it is installed. What the data plane refused is
 * tried again after a pause, because the reason may have passed.
 *
 * <p>Invariant: served &lt;= held, and both only grow.
 *
 * @param held newest config that this replica has accepted, its digest checked
 * @param served newest config that every event loop serves and that is durable
 * @param installing what the shell works on
 * @param refused what the data plane refused last
 */
public record Installer(
    Snapshot held, Snapshot served, Optional<Snapshot> installing, Optional<Refusal> refused) {

  /** A version that the data plane refused, and when to try it again. */
  public record Refusal(Version version, NanoTime retryAt) {}

  /** Holds nothing. */
  public static final Installer EMPTY =
      new Installer(Snapshot.NONE, Snapshot.NONE, Optional.empty(), Optional.empty());

  /** {@return a state that holds this config, which must be newer than what it holds now} */
  public Installer hold(Snapshot newer) {
    if (!newer.version().isAfter(held.version())) {
      throw new IllegalStateException("held: " + held + ", offered: " + newer);
    }
    return new Installer(newer, served, installing, refused);
  }

  /** {@return the state after asking for an install, if one is due} */
  public Installer advance(NanoTime now, List<Effect> out) {
    if (!hasWork() || now.isBefore(notBefore())) {
      return this;
    }
    Optional<Version> base =
        Optional.of(served.version()).filter(version -> version.isAfter(Version.NONE));
    out.add(new Effect.Install(held, base));
    return new Installer(held, served, Optional.of(held), refused);
  }

  private boolean hasWork() {
    return installing.isEmpty() && held.version().isAfter(served.version());
  }

  private NanoTime notBefore() {
    return refused
        .filter(refusal -> refusal.version().equals(held.version()))
        .map(Refusal::retryAt)
        .orElse(new NanoTime(0));
  }

  /** {@return when {@link #advance} has something to do by time alone} */
  public NanoTime nextDeadline() {
    return hasWork() ? notBefore() : NanoTime.NEVER;
  }

  /** {@return the state after every event loop serves the version that was asked for} */
  public Installer onInstalled(Version version) {
    Snapshot done = installing.filter(s -> s.version().equals(version)).orElseThrow();
    return new Installer(held, done, Optional.empty(), Optional.empty());
  }

  /** {@return the state after the data plane refused a version: it serves what it did} */
  public Installer onFailed(Version version, NanoTime retryAt) {
    return new Installer(
        held, served, Optional.empty(), Optional.of(new Refusal(version, retryAt)));
  }
}
