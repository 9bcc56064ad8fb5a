package dev.lockstep.sim.scope;

import dev.lockstep.sim.scope.FixedDraws.Pace;
import dev.lockstep.sim.scope.Scope.Point;
import dev.lockstep.sim.world.ApiServer.Fate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** All scopes that there are, and which of them are gone through when there is little time. */
final class Scopes {

  /** How much time there is. */
  enum Size {
    /** Seconds. */
    QUICK,
    /** A minute. */
    SHORT,
    /** Minutes. */
    FULL
  }

  private static final List<Fate> EVERY_FATE =
      List.of(
          Fate.REQUEST_LOST,
          Fate.ANSWER_LOST,
          Fate.LANDS_LATE,
          Fate.ERROR_BEFORE,
          Fate.ERROR_AFTER);

  /** The two that leave the sender wrong about what happened. */
  private static final List<Fate> DECEITFUL = List.of(Fate.ANSWER_LOST, Fate.LANDS_LATE);

  /** Behind what comes next; less than a renewal; a silent link; a pause. */
  private static final List<Duration> LATE =
      List.of(
          Duration.ofMillis(10),
          Duration.ofMillis(100),
          Scope.TIMINGS.linkSilence().plusMillis(100),
          Scope.TIMINGS.fenceTime().plusMillis(200));

  private Scopes() {}

  /** {@return those for which there is time} */
  static List<Scope> of(Size size) {
    return switch (size) {
      case QUICK -> List.of(late("one-late", 2, Pace.LONG, 1), late("one-late", 3, Pace.LONG, 1));
      case SHORT -> quickly();
      case FULL -> all();
    };
  }

  private static List<Scope> quickly() {
    List<Scope> some = new ArrayList<>();
    for (int replicas = 2; replicas <= 3; replicas++) {
      some.add(coarse(replicas, Pace.LONG));
      some.add(late("one-late", replicas, Pace.LONG, 1));
      some.add(late("one-late", replicas, Pace.SHORT, 1));
    }
    some.add(coarse(2, Pace.SHORT));
    return some;
  }

  private static List<Scope> all() {
    List<Scope> all = new ArrayList<>();
    for (Pace pace : Pace.values()) {
      for (int replicas = 2; replicas <= 3; replicas++) {
        all.add(oneFault(replicas, pace));
        all.add(late("one-late", replicas, pace, 1));
      }
      all.add(late("two-late", 2, pace, 2));
      all.add(twoFaults(2, pace, Menu.dangerous(2)));
    }
    all.add(late("two-late", 3, Pace.LONG, 2));
    all.add(twoFaults(3, Pace.LONG, Menu.fewest(3)));
    return all;
  }

  /**
   * {@return the scope with this name}
   *
   * @throws IllegalArgumentException when there is none
   */
  static Scope named(String name) {
    List<Scope> known = new ArrayList<>(quickly());
    known.addAll(all());
    return known.stream()
        .filter(scope -> scope.name().equals(name))
        .findFirst()
        .orElseThrow(
            () -> new IllegalArgumentException("scope: " + name + " (expected: one of " + known));
  }

  private static Scope coarse(int replicas, Pace pace) {
    return new Scope(
        name("one-fault-coarse", replicas, pace),
        replicas,
        pace,
        1,
        Set.of(Point.EVERY_WORD, Point.EVERY_EFFECT, Point.EVERY_REQUEST),
        Menu.everything(replicas),
        EVERY_FATE,
        List.of(),
        Set.of());
  }

  private static Scope oneFault(int replicas, Pace pace) {
    return new Scope(
        name("one-fault", replicas, pace),
        replicas,
        pace,
        1,
        Set.of(Point.EVERY_EVENT, Point.EVERY_EFFECT, Point.EVERY_REQUEST),
        Menu.everything(replicas),
        EVERY_FATE,
        List.of(),
        Set.of());
  }

  private static Scope twoFaults(int replicas, Pace pace, List<Fault> menu) {
    return new Scope(
        name("two-faults", replicas, pace),
        replicas,
        pace,
        2,
        Set.of(Point.EVERY_WORD, Point.EVERY_REQUEST),
        menu,
        DECEITFUL,
        List.of(),
        Set.of());
  }

  private static Scope late(String name, int replicas, Pace pace, int arrivals) {
    return new Scope(
        name(name, replicas, pace),
        replicas,
        pace,
        arrivals,
        Set.of(Point.EVERY_ARRIVAL),
        List.of(),
        List.of(),
        LATE,
        Set.of());
  }

  private static String name(String kind, int replicas, Pace pace) {
    return kind + "-" + replicas + "-" + pace.toString().toLowerCase(Locale.ROOT);
  }
}
