package dev.lockstep.chaos.oracle;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Everything that was ever written for one route, and what the mesh has promised about it.
 *
 * <p>One writer at a time, so the contents are in a line. Invariant: the floor never goes back.
 * Thread-safe: one lock.
 */
public final class RouteHistory {
  private final String name;
  private final String host;
  private final boolean secure;
  private final List<Entry> entries = new ArrayList<>(); // By sequence; guarded by this.
  private Floor floor = Floor.NONE; // Guarded by this.

  /** How far a write has come. */
  private enum Fate {
    /** It was sent; whether it happened is not known. */
    OPEN,
    DONE
  }

  /**
   * How clients ask for a route.
   *
   * @param host in their requests
   * @param secure whether they can ask over TLS
   */
  public record Asked(String host, boolean secure) {}

  private record Entry(Content content, Fate fate) {}

  /**
   * A route about which nothing is known yet.
   *
   * @param name of the object that makes it, for people
   * @param asked how clients ask for it
   * @param before what is there before the first write
   */
  public RouteHistory(String name, Asked asked, Content.Shape before) {
    this.name = name;
    this.host = asked.host;
    this.secure = asked.secure;
    entries.add(new Entry(new Content(0, before), Fate.DONE));
  }

  /** {@return the name of its object} */
  public String name() {
    return name;
  }

  /** {@return the host by which clients ask for it} */
  public String host() {
    return host;
  }

  /** {@return whether clients can ask for it over TLS} */
  boolean secure() {
    return secure;
  }

  /** {@return what the next write makes of it, noted BEFORE the write is sent} */
  public synchronized Content begin(Content.Shape shape) {
    Content content = new Content(entries.size(), shape);
    entries.add(new Entry(content, Fate.OPEN));
    return content;
  }

  /** Notes that a write happened, no later than now. */
  public synchronized void done(Content content) {
    entries.set(content.sequence(), new Entry(content, Fate.DONE));
  }

  /** {@return the newest content that is known to be written} */
  public synchronized Content newest() {
    for (Entry entry : entries.reversed()) {
      if (entry.fate == Fate.DONE) {
        return entry.content;
      }
    }
    throw new IllegalStateException(name + ": nothing was written (expected: its beginning)");
  }

  /** {@return whether a client could have found this at some time since that content} */
  public synchronized boolean everSince(int sequence, Content.Shape shape) {
    return oldest(sequence, shape).isPresent();
  }

  /** {@return the oldest content of this shape that is not older than this} */
  public synchronized OptionalInt oldest(int sequence, Content.Shape shape) {
    for (Entry entry : entries.subList(sequence, entries.size())) {
      if (entry.content.shape().equals(shape)) {
        return OptionalInt.of(entry.content.sequence());
      }
    }
    return OptionalInt.empty();
  }

  /** {@return what may be served to a request that starts now} */
  public synchronized Floor floor() {
    return floor;
  }

  /** Notes a promise: from now on, this content or a newer one. */
  public synchronized void raise(int sequence, String reason) {
    if (sequence > floor.sequence()) {
      floor = new Floor(sequence, reason);
    }
  }

  /** {@return what is wrong with seeing this under that promise, if anything is} */
  public synchronized Optional<String> judge(Content.Shape seen, Floor promised) {
    if (everSince(promised.sequence(), seen)) {
      return Optional.empty();
    }
    String older =
        entries.reversed().stream()
            .filter(it -> it.content.shape().equals(seen))
            .findFirst()
            .map(it -> "content " + it.content)
            .orElse(seen + ", which was never written");
    return Optional.of(
        "%s: served %s (expected: %s or newer, by %s)"
            .formatted(host, older, entries.get(promised.sequence()).content, promised.reason()));
  }
}
