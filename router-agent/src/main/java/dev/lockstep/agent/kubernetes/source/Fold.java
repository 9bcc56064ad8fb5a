package dev.lockstep.agent.kubernetes.source;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What is known of the objects of one kind, folded from sightings that may come late, twice or out
 * of order: of two sightings of an object, the one with the greater resourceVersion holds
 * (KEP-5504: they are comparable, across objects and incarnations).
 *
 * <p>So a fresh read wins over a watch that lags; an absence known as of R swallows an older ADD; a
 * list from a server that is behind takes nothing back; and what a list as of R does not hold is
 * absent as of R, whether it was known before or not, so a read from before that brings no ghost.
 *
 * <p>Confined to its owner's thread.
 *
 * @param <K> names an object
 * @param <T> the object
 */
public final class Fold<K extends Comparable<K>, T> {
  /** So many absences are remembered: more than any watch can be behind by. */
  private static final int REMEMBERED_ABSENCES = 10_000;

  /**
   * An object as it was seen.
   *
   * @param uid tells a re-creation under the same name
   * @param resourceVersion of the object
   * @param object as it was then
   */
  public record Present<T>(String uid, long resourceVersion, T object) {}

  private final SortedMap<K, Present<T>> present = new TreeMap<>();
  private final Map<K, Long> absent = new LinkedHashMap<>();

  /** The newest complete list: what exists, and is not here, came later. */
  private long listedAt;

  /** {@return the object as it was seen last, if it exists} */
  public Optional<Present<T>> get(K key) {
    return Optional.ofNullable(present.get(key));
  }

  /** {@return the resourceVersion as of which the object is known not to exist} */
  public Optional<Long> absence(K key) {
    long asOf = present.containsKey(key) ? 0 : known(key);
    return asOf == 0 ? Optional.empty() : Optional.of(asOf);
  }

  /** {@return all objects that exist, in the order of their keys} */
  public Collection<Present<T>> values() {
    return present.values();
  }

  /** An object was seen. {@return whether that was news} */
  public boolean seen(K key, Present<T> sighting) {
    if (sighting.resourceVersion() <= known(key)) {
      return false;
    }
    absent.remove(key);
    present.put(key, sighting);
    return true;
  }

  /**
   * An object was seen not to exist: by its deletion event, which carries the resourceVersion of
   * the deletion, or by a read as of that resourceVersion. {@return whether it was thought to
   * exist}
   */
  public boolean missing(K key, long resourceVersion) {
    if (resourceVersion <= known(key)) {
      return false;
    }
    absent.remove(key);
    absent.put(key, resourceVersion);
    forgetOldAbsences();
    return present.remove(key) != null;
  }

  /**
   * A complete list was read. {@return the keys of which that told something new, in order}
   *
   * @param items all objects of this kind as of the list
   * @param resourceVersion of the list
   */
  public List<K> listed(Map<K, Present<T>> items, long resourceVersion) {
    List<K> changed = new ArrayList<>();
    for (K key : List.copyOf(present.keySet())) {
      if (!items.containsKey(key) && missing(key, resourceVersion)) {
        changed.add(key);
      }
    }
    items.forEach(
        (key, item) -> {
          if (seen(key, item)) {
            changed.add(key);
          }
        });
    listedAt = Math.max(listedAt, resourceVersion); // AFTER its own items, which are older.
    return changed;
  }

  private long known(K key) {
    Present<T> there = present.get(key);
    return there != null
        ? there.resourceVersion()
        : Math.max(listedAt, absent.getOrDefault(key, 0L));
  }

  private void forgetOldAbsences() {
    Iterator<K> oldest = absent.keySet().iterator();
    while (absent.size() > REMEMBERED_ABSENCES) {
      oldest.next();
      oldest.remove();
    }
  }
}
