package dev.lockstep.core.lease;

import dev.lockstep.core.config.Digest;
import dev.lockstep.core.config.Epoch;
import dev.lockstep.core.config.Version;
import dev.lockstep.core.protocol.Address;
import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.Identity;
import dev.lockstep.core.protocol.Lease;
import dev.lockstep.core.protocol.NanoTime;
import dev.lockstep.core.protocol.ReplicaId;
import dev.lockstep.core.protocol.Timings;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The client of the Lease: takes it, renews it, counts versions on it, hands it over.
 *
 * <p>How it works. All writes are compare-and-swap and go one at a time. A write whose outcome is
 * unknown stays <em>intended</em> until a quorum read settles it: our nonce there means that it
 * happened; an unmoved resourceVersion means that it can still happen, so the identical object is
 * written again; anything else means that it never will. Nothing new is written before that, and
 * nothing is published before a write is confirmed. So each epoch and each version number is the
 * effect of one transaction in which its writer was the holder, and clocks only decide when
 * somebody tries.
 *
 * <pre>
 * event              idle, not leading        intended write            leading, idle
 * LeaseRead          remember; maybe acquire  confirm, repeat or drop   adopt edit, or step down
 * LeaseMissing       create it                drop, create it           step down, create it
 * LeaseWritten       -                        confirm: lead / commit    -
 * LeaseWriteUnres.   -                        read after a pause        -
 * deadline           look, poll, take over    read                      renew, commit, hand over
 * </pre>
 *
 * <p>Does not fence a paused leader: the epoch and the compare-and-swap do.
 *
 * <p>Confined to one step: {@link dev.lockstep.core.Replica} works on a {@link #copy} of it.
 */
public final class Election implements Cloneable {

  private final Identity self;
  private final Timings timings;

  private Requests requests;
  private @Nullable LeaseSight sight;
  private boolean missing;
  private Floors floors = Floors.NONE;
  private Hint hint = Hint.NONE;
  private long nonces;

  private boolean leading;
  private Epoch epoch = Epoch.NONE;

  /** As confirmed last: numbers that were turned back by hand are put right from it. */
  private @Nullable Lease confirmed;

  /** Sending time of the last confirmed write: what the others can have seen is not older. */
  private NanoTime confirmedAt = new NanoTime(0);

  private @Nullable Digest proposal;
  private @Nullable Lease bound;
  private @Nullable Departure departure;
  private boolean look;
  private boolean looking;
  private boolean campaigning;
  private Candidacy candidacy;

  /** Makes the client of a replica that has not looked at the Lease yet. */
  public Election(Identity self, Timings timings) {
    this.self = self;
    this.timings = timings;
    this.requests = new Requests(timings);
    this.candidacy = Candidacy.of(self.replica(), timings);
  }

  /** {@return a state that can be changed without changing this one} */
  public Election copy() {
    try {
      Election copy = (Election) clone();
      copy.requests = requests.copy();
      return copy;
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException("a final class that implements Cloneable can be cloned", e);
    }
  }

  // What is known.

  /** {@return whether the last confirmed outcome says that this replica leads} */
  public boolean isLeading() {
    return leading;
  }

  /** {@return the epoch that this replica leads, or led last} */
  public Epoch epoch() {
    return epoch;
  }

  /** {@return the Lease as it was seen last} */
  public Optional<Lease> lease() {
    return Optional.ofNullable(sight).map(LeaseSight::lease);
  }

  /** {@return highest numbers heard of} */
  public Floors floors() {
    return floors;
  }

  /** {@return whether no write was confirmed for the renew deadline} */
  public boolean isSuspended(NanoTime now) {
    return leading && now.isAtOrAfter(confirmedAt.plus(timings.renewDeadline()));
  }

  /** {@return whether a version can be proposed right now: no other waits for its outcome} */
  public boolean canPropose() {
    return leading && proposal == null && departure == null;
  }

  /** {@return the Lease as the last proposal left it, once that is confirmed} */
  public Optional<Lease> lastBound() {
    return Optional.ofNullable(bound);
  }

  /** {@return when the last read that found the Lease was sent: what it shows is not older} */
  public NanoTime readSentAt() {
    return requests.answeredSentAt();
  }

  /** {@return when the last confirmed write was sent} */
  public NanoTime confirmedAt() {
    return confirmedAt;
  }

  /** {@return whether a write of ours may still land, or names us though we are leaving} */
  public boolean isUnsettled() {
    return requests.intended().isPresent() || holdsAgainstItsWill();
  }

  /** {@return whether a departure was asked for and has not been confirmed yet} */
  public boolean isDeparting() {
    return departure != null;
  }

  // What is wished for.

  /** Asks for one quorum read as soon as possible. */
  public void look() {
    look = true;
  }

  /** Says whether to take the Lease over when that is possible, and to watch it until then. */
  public void campaign(boolean wanted) {
    campaigning = wanted;
  }

  /** Stays away from the Lease until then, whatever it says. */
  public void abstainUntil(NanoTime until) {
    candidacy = candidacy.abstaining(until);
  }

  /** Makes sure that all later numbers lie above these. */
  public void raiseFloors(Epoch toEpoch, Version toVersion) {
    floors = floors.raisedTo(toEpoch, toVersion);
  }

  /** Notes that the leader said so much of its last write: an expiry clock starts. */
  public void hint(long resourceVersion, NanoTime now) {
    hint = hint.hear(resourceVersion, now);
  }

  /** Notes who should come next: on the Lease for those who cannot ask, and for our own rank. */
  public void rank(List<ReplicaId> mostSuitableFirst) {
    candidacy = candidacy.ranked(mostSuitableFirst);
  }

  /** Notes that no process holds the ports of this holder. */
  public void holderGone(ReplicaId holder, NanoTime now) {
    candidacy = candidacy.without(holder, now);
  }

  /** Asks for the next version to be bound to this digest; {@link #lastBound()} tells. */
  public void propose(Digest digest) {
    proposal = digest;
    // What an earlier leadership bound says nothing about this one, though the digest be the same.
    bound = null;
  }

  /** Asks to give the Lease to a successor, or back if there is none. */
  public void depart(Optional<ReplicaId> successor, Optional<Address> address) {
    departure = new Departure(successor, address);
  }

  /** Leads no longer, for a reason that the Lease does not show yet, and looks at it again. */
  public void stepDown() {
    resign();
    look = true;
  }

  private void resign() {
    leading = false;
    proposal = null;
    departure = null;
  }

  // What happens.

  /** A quorum read answered. */
  public void onRead(Lease read, NanoTime now, List<Effect> out) {
    missing = false;
    see(read, now);
    candidacy = candidacy.reached(now);
    Optional<Lease> intended = requests.intended();
    switch (requests.onRead(read, now, out)) {
      case HAPPENED -> confirm(intended, read, now);
      case REPEATED -> {}
      // A proposal stays a proposal: it is written again on top of what was read.
      case NOTHING_INTENDED, NEVER -> adopt(read, now);
    }
  }

  /** A quorum read found nothing. */
  public void onMissing(NanoTime now) {
    requests.onMissing(now);
    missing = true;
    sight = null;
    resign();
  }

  /** A read has no outcome. */
  public void onReadFailed(NanoTime now) {
    requests.onReadFailed(now);
    candidacy = candidacy.unreached();
    look = look || looking;
  }

  /** A write was confirmed. */
  public void onWritten(Lease written, NanoTime now) {
    see(written, now);
    confirm(requests.intended(), written, now);
  }

  /** A write has an unknown outcome: it stays intended, a read will tell. */
  public void onUnresolved(NanoTime now) {
    requests.onUnresolved(now);
  }

  private void see(Lease seen, NanoTime now) {
    floors = floors.raisedTo(seen.epoch(), seen.version());
    NanoTime at = hint.since(seen, now);
    sight = sight == null ? new LeaseSight(seen, at) : sight.then(seen, at);
  }

  private void confirm(Optional<Lease> intended, Lease written, NanoTime now) {
    boolean isNew = intended.filter(write -> write.version().isAfter(lastVersion())).isPresent();
    if (isNew && proposal != null && written.digest().equals(Optional.of(proposal))) {
      bound = written;
      proposal = null;
    }
    if (!leading && intended.isPresent()) {
      // Not before it is confirmed: a candidate that lost would depose the winner by its floors.
      floors = floors.above(intended.get());
    }
    requests.onConfirmed(now);
    confirmed = written;
    confirmedAt = NanoTime.min(requests.sentAt(), now);
    if (written.isHeldBy(self.replica())) {
      // Not where a higher epoch was heard of meanwhile: this leadership is over already.
      leading = !floors.epoch().isAfter(written.epoch());
      epoch = written.epoch();
    } else {
      resign();
    }
  }

  private Version lastVersion() {
    return confirmed == null ? Version.NONE : confirmed.version();
  }

  /** Somebody else wrote, or nobody: this leadership may be over. */
  private void adopt(Lease read, NanoTime now) {
    Lease last = confirmed;
    if (!leading || last == null) {
      return;
    }
    boolean expired = now.isAtOrAfter(confirmedAt.plus(timings.leaseDuration()));
    if (!read.leavesLeading(last, expired)) {
      resign();
    } else if (read.resourceVersion() != last.resourceVersion()) {
      floors = floors.above(read); // Somebody may have led between two edits.
    }
  }

  // What is due.

  /** {@return when {@link #advance} has something to do; never while a request is under way} */
  public NanoTime nextDeadline(NanoTime now) {
    if (requests.isPending()) {
      return leading && !isSuspended(now)
          ? confirmedAt.plus(timings.renewDeadline())
          : NanoTime.NEVER;
    }
    return NanoTime.max(dueAt(), requests.notBefore());
  }

  private NanoTime dueAt() {
    boolean wanted = leading && (departure != null || proposal != null);
    if (requests.intended().isPresent() || look || wanted || holdsAgainstItsWill()) {
      return requests.notBefore();
    }
    if (leading) {
      return confirmedAt.plus(timings.renewPeriod());
    }
    if (!campaigning) {
      return NanoTime.NEVER;
    }
    return sight == null
        ? requests.notBefore()
        : NanoTime.min(candidacy.takeOverAt(sight), candidacy.pollAt(requests.readAt()));
  }

  /** Sends what is due, at most one request. */
  public void advance(NanoTime now, List<Effect> out) {
    if (requests.isPending() || now.isBefore(requests.notBefore())) {
      return;
    }
    // Looks must starve nobody: they are asked for again while a read is under way.
    boolean takes = campaigning && !leading && candidacy.isDue(sight, now);
    boolean renews = leading && now.isAtOrAfter(confirmedAt.plus(timings.renewPeriod()));
    boolean first = renews || (takes && requests.readAt().equals(now));
    if (requests.intended().isPresent() || (look && !first)) {
      read(now, out);
    } else if (leading) {
      advanceLeader(now, out);
    } else {
      advanceOthers(now, out);
    }
  }

  private void advanceLeader(NanoTime now, List<Effect> out) {
    Lease base = base();
    if (departure != null) {
      write(departure.leave(base, floors.nextEpoch(base)), now, out);
    } else if (proposal != null) {
      write(base.withVersion(floors.version().next(), proposal), now, out);
    } else if (now.isAtOrAfter(confirmedAt.plus(timings.renewPeriod()))) {
      write(base, now, out);
    }
  }

  private void advanceOthers(NanoTime now, List<Effect> out) {
    if (sight == null) {
      if (campaigning && missing) {
        requests.create(now, out);
      } else if (campaigning) {
        read(now, out);
      }
    } else if (holdsAgainstItsWill()) {
      write(sight.lease().released(), now, out);
    } else if (campaigning && candidacy.isDue(sight, now)) {
      Lease base = sight.lease();
      write(base.heldBy(self.replica(), self.address(), floors.nextEpoch(base)), now, out);
    } else if (campaigning && now.isAtOrAfter(candidacy.pollAt(requests.readAt()))) {
      read(now, out);
    }
  }

  /** Somebody handed the Lease to us, and we are leaving ourselves: give it back at once. */
  private boolean holdsAgainstItsWill() {
    return sight != null
        && !leading
        && candidacy.abstainUntil() == NanoTime.NEVER
        && sight.lease().isHeldBy(self.replica());
  }

  /** The Lease to build a write on: what was turned back by hand is put right again. */
  private Lease base() {
    Lease base = lease().orElseThrow().heldBy(self.replica(), self.address(), epoch);
    Digest digest = confirmed == null ? null : confirmed.digest().orElse(null);
    return digest != null && lastVersion().isAfter(base.version())
        ? base.withVersion(lastVersion(), digest)
        : base;
  }

  private void read(NanoTime now, List<Effect> out) {
    // Cleared now and not by the answer: a look that is asked for meanwhile needs its own read.
    looking = look;
    look = false;
    requests.read(now, out);
  }

  private void write(Lease content, NanoTime now, List<Effect> out) {
    nonces++;
    String nonce = self.replica().boot() + "-" + nonces;
    requests.write(content.forWrite(nonce, timings.leaseDuration(), candidacy.ranking()), now, out);
  }
}
