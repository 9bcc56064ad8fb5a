package dev.lockstep.core.protocol;

import dev.lockstep.core.config.Digest;
import dev.lockstep.core.config.Epoch;
import dev.lockstep.core.config.Version;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The Lease as this mesh uses it: a register that changes by compare-and-swap only.
 *
 * @param uid of the object; a new one is a new lineage
 * @param resourceVersion of the object (KEP-5504: comparable); 0 in an object not yet written
 * @param holder who leads, absent when nobody does
 * @param duration how long an unchanged resourceVersion stands for a living holder; positive
 * @param epoch number of the holder's leadership; {@link Epoch#NONE} when the annotation is missing
 * @param version newest committed version; {@link Version#NONE} when the annotation is missing
 * @param digest of that version, absent as long as nothing was committed
 * @param nonce new with every write: tells whether a write of unknown outcome happened
 * @param leader where the holder is reached; absent when nobody leads
 * @param successors most suitable first; a hint for the order of candidates
 */
public record Lease(
    String uid,
    long resourceVersion,
    Optional<ReplicaId> holder,
    Duration duration,
    Epoch epoch,
    Version version,
    Optional<Digest> digest,
    String nonce,
    Optional<Address> leader,
    List<ReplicaId> successors) {

  public Lease {
    successors = List.copyOf(successors);
  }

  /** {@return whether this replica is the holder} */
  public boolean isHeldBy(ReplicaId replica) {
    return holder.isPresent() && holder.get().equals(replica);
  }

  /**
   * {@return whether the holder of that write still leads by this one} It does if this is that
   * write or an edit of it. An edit leaves the nonce; what was put back from earlier has another.
   * Or the same, if there was a leader in between: that cannot have been before the write expired.
   */
  public boolean leavesLeading(Lease written, boolean expired) {
    boolean unmoved = resourceVersion == written.resourceVersion;
    return uid.equals(written.uid)
        && nonce.equals(written.nonce)
        && (unmoved || !expired)
        && holder.equals(written.holder)
        && !epoch.isAfter(written.epoch);
  }

  /** {@return whether the newest version on it is this one, with this content} */
  public boolean names(Version held, Digest heldDigest) {
    return version.equals(held) && digest.equals(Optional.of(heldDigest));
  }

  /** {@return whether nobody of this mesh has ever written this object} */
  public boolean isBlank() {
    return epoch.equals(Epoch.NONE) && version.equals(Version.NONE);
  }

  /**
   * {@return this lease without the numbers on it that nobody who led can have written} Each number
   * costs a write, and each write moves the resourceVersion, so none lies above that of the lease
   * that it is on. A hand can put one there; to count on from it would leave the numbers that a
   * later lineage begins with behind.
   */
  public Lease credible() {
    boolean epochFits = epoch.value() <= resourceVersion;
    boolean versionFits = version.value() <= resourceVersion;
    if (epochFits && versionFits) {
      return this;
    }
    return new Lease(
        uid,
        resourceVersion,
        holder,
        duration,
        epochFits ? epoch : Epoch.NONE,
        versionFits ? version : Version.NONE,
        versionFits ? digest : Optional.empty(),
        nonce,
        leader,
        successors);
  }

  /** {@return this lease under another leadership, its content untouched} */
  public Lease heldBy(ReplicaId holder, Address at, Epoch epoch) {
    return new Lease(
        uid,
        resourceVersion,
        Optional.of(holder),
        duration,
        epoch,
        version,
        digest,
        nonce,
        Optional.of(at),
        successors);
  }

  /** {@return this lease without a holder} */
  public Lease released() {
    return new Lease(
        uid,
        resourceVersion,
        Optional.empty(),
        duration,
        epoch,
        version,
        digest,
        nonce,
        Optional.empty(),
        successors);
  }

  /** {@return this lease naming another newest version} */
  public Lease withVersion(Version version, Digest digest) {
    return new Lease(
        uid,
        resourceVersion,
        holder,
        duration,
        epoch,
        version,
        Optional.of(digest),
        nonce,
        leader,
        successors);
  }

  /** {@return this content, as the object that is there now} */
  public Lease at(String uid, long resourceVersion) {
    return new Lease(
        uid, resourceVersion, holder, duration, epoch, version, digest, nonce, leader, successors);
  }

  /** {@return this lease as one write sends it: its own nonce, hints and duration} */
  public Lease forWrite(String nonce, Duration duration, List<ReplicaId> successors) {
    return new Lease(
        uid, resourceVersion, holder, duration, epoch, version, digest, nonce, leader, successors);
  }
}
