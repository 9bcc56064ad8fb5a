package dev.lockstep.core;

import dev.lockstep.core.config.Digest;
import dev.lockstep.core.config.Epoch;
import dev.lockstep.core.config.RouterConfig;
import dev.lockstep.core.config.Snapshot;
import dev.lockstep.core.config.Version;
import dev.lockstep.core.lease.Election;
import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.Event;
import dev.lockstep.core.protocol.Lease;
import dev.lockstep.core.protocol.NanoTime;
import dev.lockstep.core.protocol.Observation;
import dev.lockstep.core.protocol.Timings;
import dev.lockstep.core.replication.History;
import dev.lockstep.core.replication.Installer;
import dev.lockstep.core.replication.Provenance;
import dev.lockstep.core.replication.TokenBucket;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * From observed to committed: the config that a leader wishes for, the one proposal that may be
 * under way, and the versions that came out of it.
 *
 * <p>How it works. Observations become the desired config. When no commit is under way, the desired
 * config is proposed to the Lease with everything observed so far riding on it (group commit). What
 * is observed meanwhile waits for the next.
 *
 * <p>Confined to one step: changed on a {@link #copy} only.
 */
final class Commits implements Cloneable {
  private final Epoch epoch;

  private History history = History.EMPTY;
  private Provenance known = Provenance.NONE;
  private TokenBucket bucket;

  /** What was held at the start, if the Lease named it; nobody has vouched for it yet. */
  private Snapshot named = Snapshot.NONE;

  /** Newest commit whose content this leader knows and vouches for; it may not be served yet. */
  private Snapshot head = Snapshot.NONE;

  /** Since when what rides only waits for a proof; {@link NanoTime#NEVER} if it does not. */
  private NanoTime settlingSince = NanoTime.NEVER;

  /** Whether the Lease is being read for that. */
  private boolean hurried;

  private @Nullable RouterConfig desired;
  private @Nullable RouterConfig proposed;

  /** Some replica holds a number that ours must lie above, or other content under our number. */
  private boolean renumber;

  /** The proposal that is under way does that. */
  private boolean lifting;

  Commits(Epoch epoch, Timings timings) {
    this.epoch = epoch;
    this.bucket = TokenBucket.full(timings.commitsPerSecond(), timings.commitBurst());
  }

  Commits copy() {
    try {
      return (Commits) clone();
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException("a final class that implements Cloneable can be cloned", e);
    }
  }

  // What is known.

  /** {@return the newest commit whose content this leader knows} */
  Snapshot head() {
    return head;
  }

  /** {@return whether this leadership knows that nothing newer than this was ever open} */
  boolean vouchesFor(Version version) {
    return history.find(version).isPresent();
  }

  /** {@return what is known of objects} */
  Provenance known() {
    return known;
  }

  /** {@return whether all sources were read completely in this epoch} */
  boolean isSynced() {
    return desired != null;
  }

  /**
   * {@return the version that a question of now is about, once all sources have been read} There is
   * none while ours are being lifted above those of a lost history: what "this version or a newer
   * one" holds is only known again above them.
   */
  Optional<Version> current() {
    return isSynced() && head.version().isAfter(Version.NONE) && !isLifting()
        ? Optional.of(head.version())
        : Optional.empty();
  }

  /** {@return whether our versions are being lifted above those of a lost history} */
  boolean isLifting() {
    return renumber || lifting;
  }

  /** {@return the newest commit, if it is newer than this version} */
  Optional<Snapshot> newerThan(Version version) {
    return head.version().isAfter(version) ? Optional.of(head) : Optional.empty();
  }

  /** {@return what is pushed: what this data plane serves, once it is a commit known here} */
  Snapshot pushed(Installer installer) {
    return history.find(installer.served().version()).orElse(Snapshot.NONE);
  }

  /** {@return the versions that a delta can start from} */
  History history() {
    return history;
  }

  /** {@return the time since this version was committed; zero when that was before this leader} */
  Duration sinceCommit(Version version, NanoTime now) {
    return history.committedAt(version).map(now::since).orElse(Duration.ZERO);
  }

  /** {@return whether who serves this serves a version of ours, and not only a number} */
  boolean isOurs(Version version, Digest digest) {
    // Beyond the newest, a number is from a history that was lost: it says nothing about ours.
    boolean isNamed = version.equals(named.version()) && digest.equals(named.digest());
    return isNamed || (head.version().isAtLeast(version) && !contradicts(version, digest));
  }

  private boolean contradicts(Version version, Digest digest) {
    return history.find(version).filter(ours -> !ours.digest().equals(digest)).isPresent();
  }

  // What happens.

  /** Takes note of what is held, if the Lease names that very config. */
  void begin(Lease lease, Snapshot held) {
    if (lease.names(held.version(), held.digest())) {
      named = held;
    }
  }

  /**
   * What is held and named stands if this replica's own pod is in sync by a quorum read: then
   * nothing newer was ever open. The Lease alone proves nothing, somebody may have put it back.
   */
  void onListed(boolean inSync, NanoTime now) {
    if (inSync && head.version().equals(Version.NONE) && named.version().isAfter(Version.NONE)) {
      head = named;
      history = history.with(named, now);
    }
  }

  void onObserved(Event.SourcesObserved observed) {
    if (observed.epoch().equals(epoch)) {
      desired = observed.config();
      observed.observations().forEach(this::observe);
    }
  }

  void observe(Observation seen) {
    known = known.observe(seen);
  }

  /** A replica serves this: it may be beyond what we know, or other content under our number. */
  void compare(Version applied, Digest digest) {
    boolean beyond = head.version().isAfter(Version.NONE) && applied.isAfter(head.version());
    if (beyond || contradicts(applied, digest)) {
      lift();
    }
  }

  /** A pod was written under this version: ours must lie above. */
  void outnumber(Version onPods) {
    boolean beyond = head.version().isAfter(Version.NONE) && onPods.isAfter(head.version());
    if (beyond && proposed == null) {
      lift();
    }
  }

  /** Whatever belonged to a version of ours belongs to the one above the others. */
  private void lift() {
    renumber = true;
    known = known.lift();
  }

  // What is due.

  /** Takes note of a confirmed commit, if there is one. */
  void confirm(Surroundings around) {
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
    lifting = false;
    history = history.with(head, around.now());
    known = known.commit(head.version());
    Effect.Notice notice = new Effect.Committed(epoch, head.version(), head.digest(), changes);
    around.out().add(new Effect.Announce(notice));
  }

  /** Asks for the next version, if something has changed and a token is left. */
  void propose(Surroundings around) {
    RouterConfig wanted = desired;
    if (wanted == null
        || proposed != null
        || !around.election().canPropose()
        || around.election().isSuspended(around.now())) {
      return;
    }
    boolean unchanged =
        head.version().isAfter(Version.NONE) && wanted.digest().equals(head.digest());
    if (unchanged && !renumber) {
      settle(around);
    } else if (around.now().isAtOrAfter(bucket.nextAt(around.now()))) {
      bucket = bucket.take(around.now());
      proposed = wanted;
      lifting = renumber;
      renumber = false;
      settlingSince = NanoTime.NEVER;
      known = known.ride();
      around.election().propose(wanted.digest());
    }
  }

  /**
   * What was observed and changes nothing belongs to the newest version, if this replica still led
   * when it had been observed: a successor may have committed from an older sight by then.
   */
  private void settle(Surroundings around) {
    if (!isSettling() && known.isWaiting()) {
      known = known.ride();
      settlingSince = around.now();
      hurried = false;
    }
    Election election = around.election();
    NanoTime led = NanoTime.max(election.confirmedAt(), election.readSentAt());
    if (led.isAtOrAfter(settlingSince)) {
      known = known.commit(head.version());
      settlingSince = NanoTime.NEVER;
    }
  }

  /** Somebody waits for what is being settled: the next renewal would prove it too, but later. */
  void hurry(Election election) {
    if (isSettling() && !hurried) {
      hurried = true;
      election.look();
    }
  }

  private boolean isSettling() {
    return settlingSince != NanoTime.NEVER;
  }

  NanoTime nextDeadline(NanoTime now) {
    if (desired == null || proposed != null) {
      return NanoTime.NEVER;
    }
    NanoTime token = bucket.nextAt(now);
    return token.isBefore(now) ? NanoTime.NEVER : token;
  }
}
