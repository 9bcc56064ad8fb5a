package dev.lockstep.core.replication;

import dev.lockstep.core.config.ObjectKey;
import dev.lockstep.core.config.OrderedMap;
import dev.lockstep.core.config.Version;
import dev.lockstep.core.protocol.Observation;
import java.util.List;
import java.util.Optional;

/**
 * Which version holds what the leader knows about each object. An observation is <em>waiting</em>
 * until the config that was made from it is committed, then it belongs to that version; a change
 * that leaves the config alone belongs to the version that is current.
 *
 * <p>Invariant: per object, the resourceVersion of the observation never falls.
 *
 * @param tracked by object
 * @param riding observed before the config that is being committed was made
 * @param waiting observed since
 * @param absent how many of the tracked are absences
 */
public record Provenance(
    OrderedMap<Tracked> tracked,
    OrderedMap<ObjectKey> riding,
    OrderedMap<ObjectKey> waiting,
    int absent) {

  /** Absences beyond this bound are forgotten, oldest by name: asking again reads them again. */
  private static final int ABSENCES = 4096;

  /**
   * One object.
   *
   * @param observation newest
   * @param version that holds it; absent while it waits
   */
  public record Tracked(Observation observation, Optional<Version> version) {}

  /** Nothing observed. */
  public static final Provenance NONE =
      new Provenance(OrderedMap.empty(), OrderedMap.empty(), OrderedMap.empty(), 0);

  /** {@return what is known about the object} */
  public Optional<Tracked> find(ObjectKey object) {
    return tracked.get(object.path());
  }

  /** {@return the state after an observation; an older one than known changes nothing} */
  public Provenance observe(Observation seen) {
    String path = seen.object().path();
    Optional<Tracked> known = tracked.get(path);
    if (known.isPresent() && isKnown(known.get().observation(), seen)) {
      return this;
    }
    int before = known.map(Provenance::absence).orElse(0);
    int now = seen.state() == Observation.State.ABSENT ? 1 : 0;
    return new Provenance(
            tracked.with(path, new Tracked(seen, Optional.empty())),
            riding.without(path),
            waiting.with(path, seen.object()),
            absent - before + now)
        .bounded();
  }

  private static boolean isKnown(Observation known, Observation seen) {
    return seen.resourceVersion() < known.resourceVersion() || seen.equals(known);
  }

  /** {@return the state in which what waits rides with the commit that is being sent} */
  public Provenance ride() {
    OrderedMap<ObjectKey> all = riding;
    for (OrderedMap.Mapping<ObjectKey> mapping : waiting) {
      all = all.with(mapping.key(), mapping.value());
    }
    return new Provenance(tracked, all, OrderedMap.empty(), absent);
  }

  /** {@return the state after a commit: what rode with it belongs to its version} */
  public Provenance commit(Version version) {
    return new Provenance(assign(riding, version), OrderedMap.empty(), waiting, absent);
  }

  /** {@return the state in which all that belongs to a version waits for another one} */
  public Provenance lift() {
    OrderedMap<Tracked> lifted = tracked;
    OrderedMap<ObjectKey> all = waiting;
    for (OrderedMap.Mapping<Tracked> mapping : tracked) {
      Observation seen = mapping.value().observation();
      if (mapping.value().version().isPresent()) {
        lifted = lifted.with(mapping.key(), new Tracked(seen, Optional.empty()));
        all = all.with(mapping.key(), seen.object());
      }
    }
    return new Provenance(lifted, riding, all, absent);
  }

  /** {@return whether something has no version yet, and rides with no commit} */
  public boolean isWaiting() {
    return waiting.size() > 0;
  }

  /** {@return objects that cannot be served as written} */
  public List<Observation> quarantined() {
    return tracked.values().stream()
        .map(Tracked::observation)
        .filter(seen -> seen.verdict() == Observation.Verdict.QUARANTINED)
        .toList();
  }

  private OrderedMap<Tracked> assign(OrderedMap<ObjectKey> objects, Version version) {
    OrderedMap<Tracked> assigned = tracked;
    for (OrderedMap.Mapping<ObjectKey> mapping : objects) {
      Optional<Tracked> known = assigned.get(mapping.key());
      if (known.isPresent()) {
        Observation seen = known.get().observation();
        assigned = assigned.with(mapping.key(), new Tracked(seen, Optional.of(version)));
      }
    }
    return assigned;
  }

  private Provenance bounded() {
    if (absent <= ABSENCES) {
      return this;
    }
    OrderedMap<Tracked> kept = tracked;
    int left = absent;
    for (OrderedMap.Mapping<Tracked> mapping : tracked) {
      boolean settled = mapping.value().version().isPresent();
      if (left > ABSENCES / 2 && settled && absence(mapping.value()) == 1) {
        kept = kept.without(mapping.key());
        left--;
      }
    }
    return new Provenance(kept, riding, waiting, left);
  }

  private static int absence(Tracked tracked) {
    return tracked.observation().state() == Observation.State.ABSENT ? 1 : 0;
  }
}
