package dev.lockstep.chaos.fault;

import java.time.Duration;
import java.util.List;
import java.util.Locale;

/** Every kind of fault, how long it may last, and with which others it does not go together. */
public enum FaultKind {
  /** SIGKILL. */
  KILL_FOLLOWER("follower killed", 1, 4, Use.shared(Part.PODS)),
  KILL_LEADER("leader killed", 1, 4, Use.shared(Part.PODS)),
  KILL_ALL("all killed at once", 1, 4, Use.alone(Part.PODS)),
  /** SIGSTOP, for less than the fence time. */
  PAUSE_FOLLOWER_BRIEFLY("follower paused briefly", 1, 7, Use.shared(Part.PODS)),
  PAUSE_LEADER_BRIEFLY("leader paused briefly", 1, 7, Use.shared(Part.PODS)),
  /** SIGSTOP, for longer than the fence time. */
  PAUSE_FOLLOWER("follower paused", 12, 32, Use.shared(Part.PODS)),
  PAUSE_LEADER("leader paused", 12, 32, Use.shared(Part.PODS)),
  /** A pod is deleted, and another one comes. */
  STOP_FOLLOWER("follower's pod deleted", 1, 2, Use.alone(Part.PODS), Use.shared(Part.CLUSTER)),
  STOP_LEADER("leader's pod deleted", 1, 2, Use.alone(Part.PODS), Use.shared(Part.CLUSTER)),
  ROLLING_RESTART("rolling restart", 1, 2, Use.alone(Part.PODS), Use.shared(Part.CLUSTER)),

  /** Where the whole cluster is real: what a Deployment and its pods have to bear. */
  SCALED("Deployment scaled", 1, 2, Use.alone(Part.PODS), Use.shared(Part.CLUSTER)),
  EVICTED("pod evicted", 1, 2, Use.alone(Part.PODS), Use.shared(Part.CLUSTER)),
  NODE_DRAINED("node drained", 1, 4, Use.alone(Part.PODS), Use.shared(Part.CLUSTER)),
  POD_CUT("pod cut from the others", 2, 20, Use.shared(Part.PODS)),

  API_RESTART("API server restarted", 1, 3, Use.alone(Part.CLUSTER)),
  API_AWAY("API server away", 12, 25, Use.alone(Part.CLUSTER)),
  ETCD_RESTART("etcd restarted", 1, 6, Use.alone(Part.CLUSTER)),
  ETCD_COMPACTED("etcd compacted", 1, 2, Use.shared(Part.CLUSTER)),
  LEASE_EDITED("Lease edited", 1, 3, Use.shared(Part.CLUSTER), Use.alone(Part.LEASE)),
  LEASE_PUT_BACK("Lease put back", 1, 3, Use.shared(Part.CLUSTER), Use.alone(Part.LEASE)),
  LEASE_DELETED("Lease deleted", 1, 3, Use.shared(Part.CLUSTER), Use.alone(Part.LEASE)),

  DISK_FULL("disk full", 4, 20),
  CLOCK_JUMP("wall clock jumps", 5, 20, Use.alone(Part.CLOCKS)),
  CLOCK_RATE("wall clock too fast or slow", 5, 20, Use.alone(Part.CLOCKS)),

  LINK_DELAYED("link delayed", 3, 15),
  LINK_CUT("link cut", 1, 20),
  LINK_CUT_ONE_WAY("link cut one way", 1, 20),
  LINK_HALF_OPEN("link half-open", 3, 12),
  LINK_RESET("link reset in a frame", 2, 8),
  LINK_SLOW("link byte by byte", 3, 12),
  LINK_REFUSED("mesh port refuses", 2, 8),
  LEADER_CUT("leader cut from all followers", 5, 28),

  API_429("API answers 429", 3, 12),
  API_500("API answers 500", 3, 12),
  API_503("API answers 503", 3, 12),
  API_SLOW("API takes 5 s", 5, 15),
  API_RESETS("API connections reset", 3, 10),
  API_SILENT("API a black hole", 4, 20),
  API_ANSWER_LOST("answers lost after the write", 3, 12),
  WATCH_STALLED("watches stalled", 5, 25),
  WATCH_GONE("watches answered 410", 3, 10);

  private final String label;
  private final int leastSeconds;
  private final int mostSeconds;
  private final List<Use> uses;

  FaultKind(String label, int leastSeconds, int mostSeconds, Use... uses) {
    this.label = label;
    this.leastSeconds = leastSeconds;
    this.mostSeconds = mostSeconds;
    this.uses = List.of(uses);
  }

  /** A part of the whole that some faults need to have a certain state. */
  private enum Part {
    PODS,
    CLUSTER,
    LEASE,
    CLOCKS
  }

  /** Whether others may work on the same part meanwhile. */
  private enum Mode {
    SHARED,
    ALONE
  }

  private record Use(Part part, Mode mode) {
    static Use shared(Part part) {
      return new Use(part, Mode.SHARED);
    }

    static Use alone(Part part) {
      return new Use(part, Mode.ALONE);
    }

    boolean bars(Use other) {
      return part == other.part && (mode == Mode.ALONE || other.mode == Mode.ALONE);
    }
  }

  /** {@return whether it needs a whole cluster, with its controllers and its network} */
  public boolean onlyOnCluster() {
    return switch (this) {
      case SCALED, EVICTED, NODE_DRAINED, POD_CUT -> true;
      default -> false;
    };
  }

  /** {@return its name for people} */
  public String label() {
    return label;
  }

  /** {@return its name for an option of the command line} */
  public String option() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** {@return a time that it may last, for a number from 0 to 1} */
  Duration length(double share) {
    double seconds = leastSeconds + share * (mostSeconds - leastSeconds);
    return Duration.ofMillis(Math.round(seconds * 1_000));
  }

  /** {@return whether both can be there at the same time} */
  boolean goesWith(FaultKind other) {
    return uses.stream().noneMatch(mine -> other.uses.stream().anyMatch(mine::bars));
  }
}
