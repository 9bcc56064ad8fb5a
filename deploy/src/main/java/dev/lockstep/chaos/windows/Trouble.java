package dev.lockstep.chaos.windows;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** Something that goes wrong, by the names that the simulation has for it. */
enum Trouble {
  /** SIGKILL: its ports refuse; the process is started again. */
  LEADER_KILLED(Means.KILL, Whom.LEADER),
  /** SIGTERM: it hands over; the process is started again. */
  LEADER_STOPPED(Means.STOP, Whom.LEADER),
  /** Nothing of it is heard any more, and nobody reports it. */
  LEADER_NODE_LOST(Means.LOSE, Whom.LEADER),
  /** It hears nothing from the API server, until the barrier has opened. */
  LEADER_CUT_FROM_API(Means.CUT_FROM_API, Whom.LEADER),
  /** It and the others hear nothing from each other, until the barrier has opened. */
  LEADER_CUT_FROM_FOLLOWERS(Means.CUT, Whom.LEADER),
  /** SIGSTOP, and SIGCONT 15 s later. */
  LEADER_PAUSED(Means.PAUSE, Whom.LEADER),
  FOLLOWER_KILLED(Means.KILL, Whom.FOLLOWER),
  FOLLOWER_STOPPED(Means.STOP, Whom.FOLLOWER),
  FOLLOWER_NODE_LOST(Means.LOSE, Whom.FOLLOWER),
  FOLLOWER_CUT(Means.CUT, Whom.FOLLOWER),
  FOLLOWER_PAUSED(Means.PAUSE, Whom.FOLLOWER),
  /** The API server is killed and started again; the change is written when it is back. */
  API_AWAY(Means.API_AWAY, Whom.ALL),
  ALL_RESTARTED(Means.KILL, Whom.ALL),
  SO_MANY_KILLED(Means.KILL, Whom.SO_MANY),
  SO_MANY_NODES_LOST(Means.LOSE, Whom.SO_MANY);

  private final Means means;
  private final Whom whom;

  /** What is done. */
  enum Means {
    KILL,
    STOP,
    LOSE,
    CUT_FROM_API,
    CUT,
    PAUSE,
    API_AWAY
  }

  /** To whom it is done. */
  enum Whom {
    LEADER,
    FOLLOWER,
    ALL,
    /** The leader and as many others as there have to be. */
    SO_MANY
  }

  Trouble(Means means, Whom whom) {
    this.means = means;
    this.whom = whom;
  }

  Means means() {
    return means;
  }

  Whom whom() {
    return whom;
  }

  /** {@return its name on the command line} */
  String option() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** {@return its name in a table; the simulation's where the API server is away as long} */
  String label(Duration away) {
    String name = name().toLowerCase(Locale.ROOT).replace('_', ' ');
    if (this != API_AWAY) {
      return name;
    }
    boolean ten = away.equals(Duration.ofMinutes(10));
    return name + (ten ? " for ten minutes" : " for " + away.toSeconds() + " s");
  }

  /** {@return how many replicas it hits, one number for each row of a table} */
  List<Integer> hits(int replicas) {
    return switch (whom) {
      case LEADER, FOLLOWER, ALL -> List.of(1);
      case SO_MANY -> IntStream.range(1, replicas).boxed().toList();
    };
  }
}
