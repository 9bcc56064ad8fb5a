package dev.lockstep.sim;

import dev.lockstep.core.protocol.Answer;
import dev.lockstep.core.protocol.Timings;
import dev.lockstep.sim.Cluster.Direction;
import dev.lockstep.sim.Cluster.Member;
import dev.lockstep.sim.engine.Dice;
import dev.lockstep.sim.engine.Scheduler;
import dev.lockstep.sim.world.World;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.ObjIntConsumer;
import java.util.stream.IntStream;

/**
 * How long a change waits when something goes wrong at the moment of its write, with the standard
 * timings: until the change has a version, and until the barrier says that it is live. Virtual
 * time: what the protocol costs, with network and API server as quick as on one machine.
 */
final class Windows {

  /** How long a container takes from the end of its process to the start of the next one's work. */
  private static final Duration RESTART = Duration.ofSeconds(8);

  private static final Duration LONG = Duration.ofMinutes(10);
  private static final long LOOK = Scheduler.millis(1);

  /** Something that goes wrong, to the leader or to this many other replicas. */
  enum Trouble {
    LEADER_KILLED((cluster, n) -> restarting(cluster.leader())),
    LEADER_STOPPED((cluster, n) -> cluster.leader().stop()),
    LEADER_NODE_LOST((cluster, n) -> lost(cluster.leader())),
    LEADER_CUT_FROM_API((cluster, n) -> cluster.leader().cutFromApi()),
    LEADER_CUT_FROM_FOLLOWERS((cluster, n) -> cluster.leader().isolate(Direction.BOTH)),
    LEADER_PAUSED((cluster, n) -> cluster.leader().pause()),
    FOLLOWER_KILLED((cluster, n) -> restarting(cluster.follower(1))),
    FOLLOWER_STOPPED((cluster, n) -> cluster.follower(1).stop()),
    FOLLOWER_NODE_LOST((cluster, n) -> lost(cluster.follower(1))),
    FOLLOWER_CUT((cluster, n) -> cluster.follower(1).isolate(Direction.BOTH)),
    FOLLOWER_PAUSED((cluster, n) -> cluster.follower(1).pause()),
    API_AWAY_FOR_TEN_MINUTES((cluster, n) -> cluster.apiAway().advance(LONG).apiBack()),
    ALL_RESTARTED((cluster, n) -> cluster.all().forEach(Windows::restarting)),
    SO_MANY_KILLED((cluster, n) -> some(cluster, n).forEach(Member::crash)),
    SO_MANY_NODES_LOST((cluster, n) -> some(cluster, n).forEach(Windows::lost));

    private final ObjIntConsumer<Cluster> strike;

    Trouble(ObjIntConsumer<Cluster> strike) {
      this.strike = strike;
    }
  }

  /** Times from the write on: until it has a version, and until its barrier is open. */
  record Window(Duration published, Duration open) {}

  /** Some trials of one trouble. */
  record Row(Trouble trouble, int replicas, int hit, List<Window> windows) {

    /** {@return the quantile in seconds, for people} */
    String quantile(boolean open, double share) {
      List<Duration> sorted = new ArrayList<>();
      windows.forEach(window -> sorted.add(open ? window.open : window.published));
      Collections.sort(sorted);
      int index = (int) Math.ceil(share * sorted.size()) - 1;
      return String.format(Locale.ROOT, "%.2f", sorted.get(Math.max(0, index)).toMillis() / 1000.0);
    }
  }

  private Windows() {}

  static Row measure(Trouble trouble, int replicas, int hit, int trials) {
    List<Window> windows =
        IntStream.range(0, trials)
            .parallel()
            .mapToObj(seed -> trial(trouble, replicas, hit, seed))
            .toList();
    return new Row(trouble, replicas, hit, windows);
  }

  private static Window trial(Trouble trouble, int replicas, int hit, long seed) {
    Cluster cluster = Cluster.of(replicas).timings(Timings.STANDARD).seed(seed).start();
    long phase = new Dice(seed, 1).between(0, Scheduler.millis(3000));
    cluster.advance(Duration.ofNanos(phase));
    trouble.strike.accept(cluster, hit);
    World world = cluster.world();
    long began = world.scheduler().now();
    long written = cluster.write(0);
    Optional<Duration> published = Optional.empty();
    Optional<Cluster.Asked> asked = Optional.empty();
    while (true) {
      world.run(LOOK);
      Duration passed = Duration.ofNanos(world.scheduler().now() - began);
      if (passed.compareTo(LONG) > 0) {
        throw new AssertionError(
            "%s, %d of %d, seed %d: never open%n%s"
                .formatted(trouble, hit, replicas, seed, cluster.trace()));
      }
      if (published.isEmpty() && isOnTheLease(world, written)) {
        published = Optional.of(passed);
      }
      Optional<Answer> answer = asked.flatMap(Cluster.Asked::answer);
      if (answer.isPresent() && answer.get() instanceof Answer.Open) {
        return new Window(published.orElse(passed), passed);
      }
      boolean waits = asked.isPresent() && answer.isEmpty();
      if (!waits || isGone(asked.get())) {
        asked = ask(cluster, written);
      }
    }
  }

  private static boolean isGone(Cluster.Asked asked) {
    return !asked.by().isAlive() || asked.by().isPaused() || !asked.by().isLeading();
  }

  private static Optional<Cluster.Asked> ask(Cluster cluster, long written) {
    return cluster.leaders().stream()
        .filter(member -> !member.process().isPaused())
        .filter(member -> cluster.lease().isHeldBy(member.process().id()))
        .findFirst()
        .map(leader -> leader.ask(Cluster.present(0, written), Duration.ofSeconds(5)));
  }

  private static boolean isOnTheLease(World world, long written) {
    return world
        .lease()
        .object()
        .flatMap(lease -> lease.digest())
        .map(world::contents)
        .map(contents -> contents.get(World.object(0)))
        .filter(form -> form >= written)
        .isPresent();
  }

  private static void restarting(Member member) {
    member.crash();
    member.cluster().world().scheduler().after(RESTART.toNanos(), member::restart);
  }

  private static void lost(Member member) {
    member.isolate(Direction.BOTH).losePower();
  }

  /** {@return so many replicas, the leader first} */
  private static List<Member> some(Cluster cluster, int count) {
    List<Member> chosen = new ArrayList<>(List.of(cluster.leader()));
    cluster.all().stream().filter(member -> !member.isLeading()).forEach(chosen::add);
    return chosen.subList(0, count);
  }
}
