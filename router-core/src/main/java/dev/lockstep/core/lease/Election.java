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
import java.time.Duration;
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

  /** As confirmed last: what was edited by hand is put right from it. */
  private @Nullable Lease confirmed;

  /** Sending time of the last confirmed write: what the others can have seen is not older. */
  private NanoTime confirmedAt = new NanoTime(0);

  private @Nullable Digest proposal;
  private @Nullable Lease bound;
  private @Nullable Departure departure;
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
    requests.look();
  }

  /** Says whether to take the Lease over when that is possible, and to watch it until then. */
  public void campaign(boolean wanted) {
    campaigning = wanted;
  }

  /** Stays away from the Lease until then, whatever it says. */
  public void abstainUntil(NanoTime until) {
    candidacy = candidacy.abstaining(until);
  }

  /** Gives the Lease back, so that others can try, and waits longer before it does so again. */
  public void retreat(NanoTime now) {
    candidacy = candidacy.retreating(now);
    depart(Optional.empty(), Optional.empty());
  }

  /** Notes that another replica can be reached. */
  public void accompanied() {
    candidacy = candidacy.accompanied();
  }

  /** {@return how long to lead alone before that} */
  public Duration patience() {
    return candidacy.patience();
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
    requests.look();
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
      case HAPPENED -> {
        // Then, not now: somebody may have led since, and this very write been put back.
        confirm(intended.orElseThrow(), read, now);
        adopt(read, now);
      }
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
  }

  /** A write was confirmed. */
  public void onWritten(Lease written, NanoTime now) {
    see(written, now);
    confirm(written, written, now);
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

  /** What was made of the Lease is what we wrote, whatever somebody may have made of it since. */
  private void confirm(Lease made, Lease seen, NanoTime now) {
    Version last = confirmed == null ? Version.NONE : confirmed.version();
    if (made.version().isAfter(last) && made.digest().equals(Optional.ofNullable(proposal))) {
      bound = made;
      proposal = null;
    }
    // Not before it is confirmed: a candidate that lost would depose the winner by its floors.
    Optional<Lease> takeOver = requests.intended().filter(it -> !leading);
    floors = takeOver.map(floors::above).orElse(floors).raisedTo(made.epoch(), made.version());
    requests.onConfirmed(now);
    confirmed = made;
    confirmedAt = NanoTime.min(requests.sentAt(), now);
    if (seen.isHeldBy(self.replica())) {
      // Not where a higher epoch was heard of meanwhile: this leadership is over already.
      leading = !floors.epoch().isAfter(made.epoch());
      epoch = made.epoch();
    } else {
      resign();
    }
  }

  /** Somebody else wrote, or nobody: this leadership may be over. */
  private void adopt(Lease read, NanoTime now) {
    Lease own = leading ? confirmed : null;
    boolean expired = now.isAtOrAfter(confirmedAt.plus(timings.leaseDuration()));
    if (own != null && !read.leavesLeading(own, expired)) {
      resign();
    } else if (own != null && read.resourceVersion() != own.resourceVersion()) {
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
    if (requests.intended().isPresent()
        || requests.isLookWanted()
        || wanted
        || holdsAgainstItsWill()) {
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
    if (requests.intended().isPresent() || (requests.isLookWanted() && !first)) {
      requests.read(now, out);
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
        requests.read(now, out);
      }
    } else if (holdsAgainstItsWill()) {
      write(sight.lease().released(), now, out);
    } else if (campaigning && candidacy.isDue(sight, now)) {
      Lease base = sight.lease();
      write(base.heldBy(self.replica(), self.address(), floors.nextEpoch(base)), now, out);
    } else if (campaigning && now.isAtOrAfter(candidacy.pollAt(requests.readAt()))) {
      requests.read(now, out);
    }
  }

  /** Somebody handed the Lease to us, and we are leaving ourselves: give it back at once. */
  private boolean holdsAgainstItsWill() {
    return sight != null
        && !leading
        && candidacy.abstainUntil() == NanoTime.NEVER
        && sight.lease().isHeldBy(self.replica());
  }

  /** The Lease to build a write on: what was edited by hand is put right again. */
  private Lease base() {
    Lease seen = lease().orElseThrow();
    return confirmed == null ? seen : confirmed.at(seen.uid(), seen.resourceVersion());
  }

  private void write(Lease content, NanoTime now, List<Effect> out) {
    nonces++;
    String nonce = self.replica().boot() + "-" + nonces;
    requests.write(content.forWrite(nonce, timings.leaseDuration(), candidacy.ranking()), now, out);
  }
}
