package dev.lockstep.sim.scope;

import dev.lockstep.core.protocol.Timings;
import dev.lockstep.sim.engine.Rule;
import dev.lockstep.sim.world.ApiServer;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * What is enumerated.
 *
 * @param name for people, and to replay
 * @param replicas of the mesh
 * @param pace at which end of their range delays lie
 * @param troubles that one run has at most
 * @param points where it can have them
 * @param faults that can happen between two events
 * @param fates that a request to the API server can meet, besides an answer
 * @param postponements by how much an arrival can be late
 * @param broken rules of the world that are broken on purpose
 */
record Scope(
    String name,
    int replicas,
    FixedDraws.Pace pace,
    int troubles,
    Set<Point> points,
    List<Fault> faults,
    List<ApiServer.Fate> fates,
    List<Duration> postponements,
    Set<Rule> broken) {

  /** Where a run can go another way. */
  enum Point {
    /** Before each single event, a fault happens. */
    EVERY_EVENT,
    /** A fault happens after each event in which a machine did something that others notice. */
    EVERY_WORD,
    /** Each request to the API server meets each fate. */
    EVERY_REQUEST,
    /** Each process dies before each effect of each step. */
    EVERY_EFFECT,
    /** Each arrival is late. */
    EVERY_ARRIVAL
  }

  /** As quick as whole seconds of a Lease allow. */
  static final Timings TIMINGS =
      new Timings(
          Duration.ofMillis(1000),
          Duration.ofMillis(400),
          Duration.ofMillis(800),
          Duration.ofMillis(60),
          Duration.ofMillis(120),
          Duration.ofMillis(40),
          Duration.ofMillis(300),
          Duration.ofMillis(700),
          Duration.ofMillis(1500),
          Duration.ofMillis(1500),
          Duration.ofMillis(800),
          Duration.ofMillis(4500),
          Duration.ZERO,
          20,
          10);

  /** {@return the same, with a rule of the world broken} */
  Scope breaking(Rule rule) {
    return new Scope(
        name, replicas, pace, troubles, points, faults, fates, postponements, Set.of(rule));
  }

  boolean has(Point point) {
    return points.contains(point);
  }

  @Override
  public String toString() {
    return name;
  }
}
