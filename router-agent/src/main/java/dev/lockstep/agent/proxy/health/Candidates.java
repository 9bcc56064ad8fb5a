package dev.lockstep.agent.proxy.health;

import dev.lockstep.agent.proxy.health.Health.Standing;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * The endpoints of a backend that may be chosen.
 *
 * @param places which, of all; empty only if there is none at all
 * @param choice how well they are
 * @param <T> an endpoint
 */
public record Candidates<T>(List<T> places, Choice choice) {

  /** How well those are that may be chosen. */
  public enum Choice {
    /** All are well, or wait for their trial. */
    WELL,
    /** Too many are out: those whose answers failed are among them, for the others' sake. */
    CROWDED,
    /** No connection stands to any of them. */
    DEAD
  }

  public Candidates {
    places = List.copyOf(places);
  }

  /**
   * Chooses. Who is DEAD comes last, whatever the share: no request could be served there, so it
   * would take no load off the others.
   *
   * @param all endpoints of the backend
   * @param standing of each
   * @param mostOut how many of all may be out, in percent; beyond it ejection is given up
   */
  public static <T> Candidates<T> among(List<T> all, Function<T, Standing> standing, int mostOut) {
    List<T> well = new ArrayList<>();
    List<T> reachable = new ArrayList<>();
    int out = 0;
    for (T each : all) {
      Standing its = standing.apply(each);
      out += its == Standing.WELL ? 0 : 1;
      if (its != Standing.DEAD) {
        reachable.add(each);
      }
      if (its == Standing.WELL || its == Standing.TRIAL) {
        well.add(each);
      }
    }
    if (reachable.isEmpty()) {
      return new Candidates<>(all, Choice.DEAD);
    }
    boolean crowded = out == all.size() || out * 100L > (long) mostOut * all.size();
    return crowded
        ? new Candidates<>(reachable, Choice.CROWDED)
        : new Candidates<>(well, Choice.WELL);
  }
}
