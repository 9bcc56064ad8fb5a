package dev.lockstep.chaos.oracle;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** What is known of version numbers: what each was bound to, and which were called open. */
public final class Versions {
  private final Violations violations;
  private final Map<Long, Binding> bindings = new ConcurrentHashMap<>();
  private final AtomicLong open = new AtomicLong();

  private record Binding(String digest, String who) {}

  /** Knows none yet. */
  public Versions(Violations violations) {
    this.violations = violations;
  }

  /** Notes that somebody says that a version has this digest. */
  public void bound(long version, String digest, String who) {
    if (version <= 0 || digest.isEmpty()) {
      return;
    }
    Binding first = bindings.putIfAbsent(version, new Binding(digest, who));
    if (first != null && !first.digest.equals(digest)) {
      violations.add(
          Violations.Kind.VERSION_REUSED,
          "",
          "version %d: %s says %s (expected: %s, as %s said)"
              .formatted(version, who, digest, first.digest, first.who));
    }
  }

  /** {@return how many versions were seen with their digest} */
  public int seen() {
    return bindings.size();
  }

  /** {@return the newest version that anybody has heard of; 1 before the first} */
  public long newest() {
    return bindings.keySet().stream().mapToLong(it -> it).max().orElse(1);
  }

  /** {@return the newest version that was called open before now} */
  public long open() {
    return open.get();
  }

  /** Notes that a version was called open. */
  public void opened(long version) {
    open.accumulateAndGet(version, Math::max);
  }
}
