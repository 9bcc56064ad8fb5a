package dev.lockstep.agent.proxy.account;

import dev.lockstep.core.config.ObjectKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * Figures by route, which is the object that a request's rule came from. There are at most so many;
 * routes that are asked for when all places are taken count together as {@value #OTHER}, and
 * requests without a route as {@value #NONE}. A place is free again when its route is no more.
 *
 * <p>Thread-safe. Each event loop remembers its own part of each route until the table changes; so
 * a lock is taken only to give a place to a route that had none.
 */
public final class RouteFigures {

  /** The label of routes beyond the bound. */
  public static final String OTHER = "other";

  /** The label of requests that no route was for. */
  public static final String NONE = "none";

  /**
   * A distribution of times.
   *
   * @param counts per bucket, not added up; the last one has no bound
   * @param seconds their sum
   */
  public record Histogram(List<Long> counts, double seconds) {
    public Histogram {
      counts = List.copyOf(counts);
    }

    private static Histogram of(long[] cells) {
      List<Long> counts = LongStream.of(cells).limit(Tally.BUCKETS).boxed().toList();
      return new Histogram(counts, cells[Tally.BUCKETS] / (double) TimeUnit.SECONDS.toNanos(1));
    }

    /** {@return upper bounds of the buckets in seconds, the last one infinite} */
    public static List<Double> bounds() {
      return Stream.concat(
              Arrays.stream(Tally.BOUNDS_MILLIS).mapToObj(millis -> millis / 1000.0),
              Stream.of(Double.POSITIVE_INFINITY))
          .toList();
    }
  }

  /**
   * The figures of one route, of all event loops together.
   *
   * @param route {@code kind/namespace/name} of its object
   * @param codes requests by the first digit of their status, from 0, which is those without one
   * @param bytesIn of requests' bodies
   * @param bytesOut of answers' bodies
   * @param duration from a whole head to the end of the answer, tunnels aside
   * @param firstByte from a whole head to the head of the backend's answer
   */
  public record Reading(
      String route,
      List<Long> codes,
      long bytesIn,
      long bytesOut,
      Histogram duration,
      Histogram firstByte) {
    public Reading {
      codes = List.copyOf(codes);
    }
  }

  private final int most;
  private final int loops;
  private final Map<String, Tally[]> routes = new ConcurrentHashMap<>();
  private final Tally[] other;
  private final Tally[] none;

  /** Keeps figures of so many routes, counted by so many event loops. */
  RouteFigures(int most, int loops) {
    this.most = most;
    this.loops = loops;
    this.other = tallies();
    this.none = tallies();
  }

  private Tally[] tallies() {
    return Stream.generate(Tally::new).limit(loops).toArray(Tally[]::new);
  }

  Tally without(int loop) {
    return none[loop];
  }

  /** {@return where this loop counts the requests of this route} */
  Tally of(int loop, ObjectKey route) {
    String label = route.toString();
    Tally[] known = routes.get(label);
    if (known == null) {
      known = routes.size() >= most ? other : place(label);
    }
    return known[loop];
  }

  private synchronized Tally[] place(String label) {
    if (routes.size() >= most && !routes.containsKey(label)) {
      return other;
    }
    return routes.computeIfAbsent(label, _ -> tallies());
  }

  /** Forgets all routes but these. */
  synchronized void keep(Set<String> labels) {
    routes.keySet().retainAll(labels);
  }

  /** {@return the figures as they stand} */
  public List<Reading> read() {
    List<Reading> readings = new ArrayList<>();
    readings.add(read(NONE, none));
    readings.add(read(OTHER, other));
    routes.forEach((label, tallies) -> readings.add(read(label, tallies)));
    return readings;
  }

  private static Reading read(String label, Tally[] tallies) {
    long[] codes = new long[Tally.CODES];
    long[] duration = new long[Tally.BUCKETS + 1];
    long[] firstByte = new long[Tally.BUCKETS + 1];
    long in = 0;
    long out = 0;
    for (Tally tally : tallies) {
      for (int i = 0; i < codes.length; i++) {
        codes[i] += tally.code(i);
      }
      in += tally.bytesIn();
      out += tally.bytesOut();
      tally.addTo(duration, firstByte);
    }
    return new Reading(
        label,
        LongStream.of(codes).boxed().toList(),
        in,
        out,
        Histogram.of(duration),
        Histogram.of(firstByte));
  }
}
