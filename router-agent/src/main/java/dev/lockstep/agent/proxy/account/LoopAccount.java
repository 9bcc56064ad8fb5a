package dev.lockstep.agent.proxy.account;

import dev.lockstep.agent.proxy.EnumCounts;
import dev.lockstep.agent.proxy.http.RequestHead;
import dev.lockstep.core.config.ObjectKey;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where the requests of one event loop go when they are over: into the figures, and into the access
 * log.
 *
 * <p>Confined to the event loop.
 */
public final class LoopAccount {
  private final int loop;
  private final @Nullable RouteFigures figures;
  private final @Nullable AccessLog log;
  private final AccessLine line;
  private final EnumCounts<Failure> failures;
  private final Map<ObjectKey, Tally> tallies = new HashMap<>();

  LoopAccount(Accounts accounts, int loop) {
    this.loop = loop;
    this.figures = accounts.figures().orElse(null);
    this.log = accounts.log().orElse(null);
    this.line = new AccessLine(accounts.query());
    this.failures = accounts.failures();
  }

  /** {@return a record for the requests of this client, if anybody wants to know of them} */
  public Optional<RequestRecord> record(RequestHead request, RequestRecord.Peer peer) {
    return figures == null && log == null
        ? Optional.empty()
        : Optional.of(new RequestRecord(this, request, peer));
  }

  /** Another table is served: what was remembered of routes may be wrong. */
  public void tableChanged() {
    tallies.clear();
  }

  void take(RequestRecord record) {
    long nanos = System.nanoTime() - record.begunAt();
    Failure failure = record.failure();
    if (failure != null) {
      failures.count(failure);
    }
    RouteFigures counts = figures;
    if (counts != null) {
      tally(counts, record.origin()).add(record, nanos);
    }
    AccessLog lines = log;
    if (lines != null) {
      int length = line.encode(record, nanos);
      lines.put(loop, line.array(), length);
    }
  }

  private Tally tally(RouteFigures counts, @Nullable ObjectKey route) {
    if (route == null) {
      return counts.without(loop);
    }
    Tally known = tallies.get(route);
    if (known == null) {
      known = counts.of(loop, route);
      tallies.put(route, known);
    }
    return known;
  }
}
