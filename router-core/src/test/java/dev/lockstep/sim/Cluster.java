package dev.lockstep.sim;

import dev.lockstep.core.config.ObjectKey;
import dev.lockstep.core.config.Version;
import dev.lockstep.core.protocol.Answer;
import dev.lockstep.core.protocol.Lease;
import dev.lockstep.core.protocol.Observation;
import dev.lockstep.core.protocol.Question;
import dev.lockstep.core.protocol.Timings;
import dev.lockstep.sim.engine.Knobs;
import dev.lockstep.sim.engine.Trace;
import dev.lockstep.sim.invariant.Mesh;
import dev.lockstep.sim.invariant.Violation;
import dev.lockstep.sim.world.SimPod;
import dev.lockstep.sim.world.SimShell;
import dev.lockstep.sim.world.World;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;

/**
 * A mesh under the hand of a test: who does what, and then time passes.
 *
 * <pre>{@code
 * Cluster cluster = Cluster.of(3).seed(7).start();
 * cluster.leader().isolate(Direction.OUTGOING);
 * cluster.advance(leaseDuration);
 * }</pre>
 */
final class Cluster {

  /** Which way is cut. */
  enum Direction {
    OUTGOING,
    INCOMING,
    BOTH
  }

  private static final Duration LONG = Duration.ofSeconds(60);

  private final int replicas;
  private long seed = 2;
  private Timings timings = Schedule.QUICK;
  private Optional<World> world = Optional.empty();

  private Cluster(int replicas) {
    this.replicas = replicas;
  }

  static Cluster of(int replicas) {
    return new Cluster(replicas);
  }

  Cluster seed(long seed) {
    this.seed = seed;
    return this;
  }

  Cluster timings(Timings timings) {
    this.timings = timings;
    return this;
  }

  /** Starts all replicas at once, and waits until they serve. */
  Cluster start() {
    World started = new World(seed, Knobs.calm(replicas, timings), Set.of(), new Trace(300));
    world = Optional.of(started);
    started.start();
    return awaitConverged();
  }

  World world() {
    return world.orElseThrow();
  }

  Timings timings() {
    return timings;
  }

  // Time.

  Cluster advance(Duration time) {
    world().run(time.toNanos());
    return this;
  }

  /** Lets time pass until this is so. */
  Cluster await(String what, BooleanSupplier condition) {
    long end = world().scheduler().now() + LONG.toNanos();
    while (!condition.getAsBoolean()) {
      if (!world().runNext(end)) {
        throw new Violation(
            "not within " + LONG + ": " + what + Convergence.describe(world()) + trace());
      }
    }
    return this;
  }

  /** Lets time pass until everybody serves what is current, and everybody knows. */
  Cluster awaitConverged() {
    new Convergence(world()).await(LONG);
    return this;
  }

  /** Lets time pass until somebody else leads. */
  Cluster awaitOtherLeader(Member than) {
    return await(
        "another leader", () -> leaders().stream().anyMatch(leader -> !leader.isRunOf(than)));
  }

  // Selectors.

  Member leader() {
    List<Member> leaders = leaders();
    if (leaders.size() != 1) {
      throw new Violation("leaders: " + leaders + " (expected: one)" + trace());
    }
    return leaders.getFirst();
  }

  List<Member> leaders() {
    return all().stream().filter(Member::isLeading).toList();
  }

  /** {@return the follower with this number, from 1, in the order of the places} */
  Member follower(int number) {
    return all().stream().filter(member -> !member.isLeading()).toList().get(number - 1);
  }

  Member replica(String pod) {
    return all().stream()
        .filter(member -> member.pod().id().name().equals(pod))
        .findFirst()
        .orElseThrow();
  }

  List<Member> all() {
    List<Member> members = new ArrayList<>();
    for (SimPod pod : world().pods().existing()) {
      members.add(new Member(this, pod));
    }
    members.sort(Comparator.comparing(member -> member.pod().slot()));
    return members;
  }

  // API server and objects.

  Cluster apiAway() {
    world().api().setAway(true);
    return this;
  }

  Cluster apiBack() {
    world().api().setAway(false);
    return this;
  }

  /** Writes new content; returns the resourceVersion. */
  long write(int object) {
    return world().sources().write(World.object(object), Mesh.Form.ROUTED);
  }

  long write(int object, Mesh.Form form) {
    return world().sources().write(World.object(object), form);
  }

  long touch(int object) {
    return world().sources().touch(World.object(object));
  }

  long delete(int object) {
    return world().sources().delete(World.object(object));
  }

  Cluster deleteLease() {
    world().lease().delete();
    return this;
  }

  Cluster editLease(UnaryOperator<Lease> change) {
    world().lease().edit(change);
    return this;
  }

  Lease lease() {
    return world().lease().object().orElseThrow();
  }

  /** {@return the newest version on the Lease} */
  Version version() {
    return lease().version();
  }

  /** Somebody runs the router with a manifest of their own. */
  Cluster addPodWithoutGate(String name) {
    world().processes().addWithoutGate(all().size(), name);
    return this;
  }

  // Callers.

  Asked ask(Question.About about) {
    return leader().ask(about, timings.fenceTime().multipliedBy(4));
  }

  Asked askPresent(int object, long resourceVersion) {
    return ask(present(object, resourceVersion));
  }

  Asked askAbsent(int object) {
    return ask(about(object, Optional.empty(), Observation.State.ABSENT));
  }

  static Question.AtObject present(int object, long resourceVersion) {
    return about(object, Optional.of(resourceVersion), Observation.State.PRESENT);
  }

  static Question.AtObject about(
      int object, Optional<Long> resourceVersion, Observation.State state) {
    ObjectKey key = World.object(object);
    return new Question.AtObject(key, resourceVersion, state);
  }

  String trace() {
    return "\n" + String.join("\n", world().trace());
  }

  /** A question under way. */
  record Asked(Cluster cluster, SimShell by, long question) {

    Optional<Answer> answer() {
      return cluster.world().questions().answer(question);
    }

    /** Lets time pass until there is an answer. */
    Answer await() {
      cluster.await("an answer", () -> answer().isPresent());
      return answer().orElseThrow();
    }

    <T extends Answer> T expect(Class<T> kind) {
      Answer answer = await();
      if (!kind.isInstance(answer)) {
        throw new Violation("answer: " + answer + " (expected: " + kind + ")" + cluster.trace());
      }
      return kind.cast(answer);
    }

    Answer.Open expectOpen() {
      return expect(Answer.Open.class);
    }
  }

  /** One replica, whichever process runs on it. */
  record Member(Cluster cluster, SimPod pod) {

    private World world() {
      return cluster.world();
    }

    SimShell process() {
      return pod.process().orElseThrow();
    }

    boolean isLeading() {
      return pod.process().map(SimShell::isLeading).orElse(false);
    }

    boolean isRunOf(Member other) {
      return pod == other.pod;
    }

    Version served() {
      return process().view().served();
    }

    Member isolate(Direction direction) {
      return setIsolated(direction, true);
    }

    Member heal() {
      return setIsolated(Direction.BOTH, false);
    }

    private Member setIsolated(Direction direction, boolean isolated) {
      for (Member other : cluster.all()) {
        int there = other.pod.slot();
        if (there != pod.slot() && direction != Direction.INCOMING) {
          world().network().setCut(pod.slot(), there, isolated);
        }
        if (there != pod.slot() && direction != Direction.OUTGOING) {
          world().network().setCut(there, pod.slot(), isolated);
        }
      }
      return this;
    }

    Member crash() {
      world().processes().crash(pod, false);
      return this;
    }

    Member losePower() {
      world().processes().crash(pod, true);
      return this;
    }

    Member restart() {
      world().processes().boot(pod);
      return this;
    }

    Member stop() {
      world().processes().stop(pod);
      return this;
    }

    Member replace() {
      world().processes().replace(pod, pod.id().name() + "n", pod.build());
      return this;
    }

    Member pause() {
      process().pause();
      return this;
    }

    Member resume() {
      process().resume();
      return this;
    }

    Member cutFromApi() {
      world().api().setCut(pod.id(), true);
      return this;
    }

    Member reachApi() {
      world().api().setCut(pod.id(), false);
      return this;
    }

    Member loseDisk() {
      pod.setDisk(Optional.empty());
      return this;
    }

    Asked ask(Question.About about, Duration patience) {
      long question = world().questions().ask(process(), about, patience, 0);
      return new Asked(cluster, process(), question);
    }
  }
}
