package dev.lockstep.chaos.oracle;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

/**
 * Holds the mesh to its word: after the moment at which any replica answered "open" for an object,
 * no request that starts is served anything older, by any replica that a client can reach, over any
 * connection that it holds.
 *
 * <p>Thread-safe.
 */
public final class Oracle {
  private final List<RouteHistory> routes;
  private final Journal journal;
  private final Violations violations;
  private final Versions versions;
  private final AtomicLongArray outcomes = new AtomicLongArray(Outcome.values().length);
  private final LongAdder judged = new LongAdder();
  private final List<Consumer<RouteHistory>> listeners = new CopyOnWriteArrayList<>();

  /** Judges these routes. */
  public Oracle(
      List<RouteHistory> routes, Journal journal, Violations violations, Versions versions) {
    this.routes = List.copyOf(routes);
    this.journal = journal;
    this.violations = violations;
    this.versions = versions;
  }

  /** {@return what it judges} */
  public List<RouteHistory> routes() {
    return routes;
  }

  /** {@return where it writes down what happens} */
  public Journal journal() {
    return journal;
  }

  /** {@return what it has found} */
  public Violations violations() {
    return violations;
  }

  /** {@return what it knows of versions} */
  public Versions versions() {
    return versions;
  }

  /** Calls this with each route that somebody just called open. */
  void onOpen(Consumer<RouteHistory> listener) {
    listeners.add(listener);
  }

  /** Calls that no more. */
  void removeOnOpen(Consumer<RouteHistory> listener) {
    listeners.remove(listener);
  }

  /** Notes that a replica answered, just now, that this content or a newer one is everywhere. */
  public void opened(RouteHistory route, int sequence, String reason) {
    route.raise(sequence, reason);
    listeners.forEach(it -> it.accept(route));
  }

  /** {@return how many requests ended so} */
  public long count(Outcome outcome) {
    return outcomes.get(outcome.ordinal());
  }

  /** {@return how many answers were held against a promise} */
  public long judged() {
    return judged.sum();
  }

  /**
   * What was promised when a request started.
   *
   * @param route that was asked for
   * @param floor the oldest content that may be served
   * @param versionOpen the newest version that was called open
   */
  record Promise(RouteHistory route, Floor floor, long versionOpen) {}

  /** {@return what is promised to a request that starts now} */
  Promise promise(RouteHistory route) {
    return new Promise(route, route.floor(), versions.open());
  }

  /**
   * Judges an answer.
   *
   * @param seen what it shows
   * @param version which version it says that served it; 0 if it says nothing
   * @param promise what was promised when its request started
   * @param where connection and process, for people
   */
  void judge(Content.Shape seen, long version, Promise promise, Place where) {
    judged.increment();
    Optional<String> wrong = promise.route.judge(seen, promise.floor);
    if (wrong.isEmpty() && version > 0 && version < promise.versionOpen) {
      wrong =
          Optional.of(
              "%s: served by version %d (expected: %d or newer, which was called open)"
                  .formatted(promise.route.host(), version, promise.versionOpen));
    }
    wrong.ifPresent(
        it ->
            violations.add(
                Violations.Kind.FALSE_OPEN,
                promise.route.name() + " ",
                it + "; version " + version + " over " + where));
    if (version > 0 && version < where.served) {
      violations.add(
          Violations.Kind.VERSION_WENT_BACK,
          "",
          "version %d over %s (expected: %d or newer, which came over it before)"
              .formatted(version, where, where.served));
    }
  }

  /**
   * Over what an answer came.
   *
   * @param process pod and process id
   * @param connection since when it is open, and what it is
   * @param served the newest version that has come over it before
   */
  record Place(String process, String connection, long served) {
    @Override
    public String toString() {
      return connection + " to " + process;
    }
  }

  /** Counts a request. */
  void count(Outcome outcome, String route, String text) {
    outcomes.incrementAndGet(outcome.ordinal());
    if (outcome == Outcome.FAILED) {
      violations.add(Violations.Kind.FAILED_REQUEST, route, text);
    }
  }
}
