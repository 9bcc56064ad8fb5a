package dev.lockstep.agent.proxy;

import dev.lockstep.agent.proxy.health.Health.Standing;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * What befell the endpoints of backends, over all event loops. Thread-safe: counters that each
 * thread adds to by itself, and a map of the few endpoints that are not well.
 */
public final class BackendMeters {

  /** An endpoint, as the loops tell it apart. */
  public record Name(String namespace, String address, int port) {}

  /**
   * How many event loops see an endpoint so.
   *
   * @param name which
   * @param ejected loops that leave it alone because of its answers, or give it a trial
   * @param dead loops that get no connection to it
   */
  public record Out(Name name, int ejected, int dead) {}

  /**
   * Counters; all but the last only grow.
   *
   * @param ejected times that an endpoint was left alone because of its answers
   * @param died times that it was because no connection stood
   * @param returned times that it came back
   * @param probes connections that were tried for no other reason than to see
   * @param queueFull requests refused because too many waited
   * @param queueLate requests refused because they had waited too long
   * @param retriesDenied requests not sent again because too many were
   * @param waiting requests that wait now
   */
  public record Reading(
      long ejected,
      long died,
      long returned,
      long probes,
      long queueFull,
      long queueLate,
      long retriesDenied,
      long waiting) {}

  private final LongAdder ejected = new LongAdder();
  private final LongAdder died = new LongAdder();
  private final LongAdder returned = new LongAdder();
  private final LongAdder probes = new LongAdder();
  private final LongAdder queueFull = new LongAdder();
  private final LongAdder queueLate = new LongAdder();
  private final LongAdder retriesDenied = new LongAdder();
  private final LongAdder waiting = new LongAdder();
  private final Map<Name, Out> out = new ConcurrentHashMap<>();

  /** {@return the counters as they stand} */
  public Reading read() {
    return new Reading(
        ejected.sum(),
        died.sum(),
        returned.sum(),
        probes.sum(),
        queueFull.sum(),
        queueLate.sum(),
        retriesDenied.sum(),
        waiting.sum());
  }

  /** {@return the endpoints that some event loop does not use as usual, in order} */
  public List<Out> out() {
    return out.values().stream()
        .sorted(
            Comparator.comparing((Out it) -> it.name().namespace())
                .thenComparing(it -> it.name().address())
                .thenComparing(it -> it.name().port()))
        .toList();
  }

  /** One event loop sees an endpoint in another way than before. */
  public void standing(Name name, Standing before, Standing now) {
    if (isOut(now) && before == Standing.WELL) {
      (now == Standing.DEAD ? died : ejected).increment();
    } else if (now == Standing.WELL && isOut(before)) {
      returned.increment();
    }
    count(name, before, -1);
    count(name, now, 1);
  }

  /** One event loop sees nothing of this endpoint any more, and saw it so. */
  public void forgotten(Name name, Standing before) {
    count(name, before, -1);
  }

  private void count(Name name, Standing standing, int by) {
    if (!isOut(standing)) {
      return;
    }
    int dead = standing == Standing.DEAD ? by : 0;
    out.compute(
        name,
        (_, known) -> {
          Out was = known == null ? new Out(name, 0, 0) : known;
          Out is = new Out(name, was.ejected + by - dead, was.dead + dead);
          return is.ejected == 0 && is.dead == 0 ? null : is;
        });
  }

  private static boolean isOut(Standing standing) {
    return standing != Standing.WELL;
  }

  /** A connection is tried to see whether an endpoint is back. */
  public void probed() {
    probes.increment();
  }

  /** A request waits. */
  public void waits() {
    waiting.increment();
  }

  /** It waits no more. */
  public void waitsNoMore() {
    waiting.decrement();
  }

  /** A request was refused because too many waited. */
  public void refusedFull() {
    queueFull.increment();
  }

  /** A request was refused because it had waited too long. */
  public void refusedLate() {
    queueLate.increment();
  }

  /** A request was not sent again because too many were. */
  public void retryDenied() {
    retriesDenied.increment();
  }
}
