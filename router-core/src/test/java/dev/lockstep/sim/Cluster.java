package dev.lockstep.sim;

import dev.lockstep.core.config.ObjectKey;
import dev.lockstep.core.config.Version;
import dev.lockstep.core.protocol.Answer;
import dev.lockstep.core.protocol.Lease;
import dev.lockstep.core.protocol.Observation;
import dev.lockstep.core.protocol.Question;
import dev.lockstep.core.protocol.Timings;
import dev.lockstep.sim.engine.Knobs;
import dev.lockstep.sim.engine.Paces;
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
public final class Cluster {

  /** Which way is cut. */
  public enum Direction {
    OUTGOING,
    INCOMING,
    BOTH
  }

  private static final Duration LONG = Duration.ofSeconds(60);

  private final int replicas;
  private long seed = 2;
  private Timings timings = Paces.QUICK;
  private Optional<World> world = Optional.empty();

  private Cluster(int replicas) {
    this.replicas = replicas;
  }

  /** {@return a mesh of so many replicas, not started yet} */
  public static Cluster of(int replicas) {
    return new Cluster(replicas);
  }

  /** Sets what decides the delays. */
  public Cluster seed(long seed) {
    this.seed = seed;
    return this;
  }

  Cluster timings(Timings timings) {
    this.timings = timings;
    return this;
  }

  /** Starts all replicas at once, and waits until they serve. */
  public Cluster start() {
    World started = new World(seed, Knobs.calm(replicas, timings), Set.of(), new Trace(300));
    world = Optional.of(started);
    started.start();
    return awaitConverged();
  }

  /** {@return all that it is made of} */
  public World world() {
    return world.orElseThrow();
  }

  /** {@return its timings} */
  public Timings timings() {
    return timings;
  }

  // Time.

  /** Lets so much time pass. */
  public Cluster advance(Duration time) {
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
  public Cluster awaitConverged() {
    new Convergence(world()).await(LONG);
    return this;
  }

  /** Lets time pass until somebody else leads. */
  Cluster awaitOtherLeader(Member than) {
    return await(
        "another leader", () -> leaders().stream().anyMatch(leader -> !leader.isRunOf(than)));
  }

  // Selectors.

  /** {@return who leads, if exactly one does} */
  public Member leader() {
    List<Member> leaders = leaders();
    if (leaders.size() != 1) {
      throw new Violation("leaders: " + leaders + " (expected: one)" + trace());
    }
    return leaders.getFirst();
  }

  /** {@return all who lead, or think so} */
  public List<Member> leaders() {
    return all().stream().filter(Member::isLeading).toList();
  }

  /** {@return the follower with this number, from 1, in the order of the places} */
  public Member follower(int number) {
    return all().stream().filter(member -> !member.isLeading()).toList().get(number - 1);
  }

  Member replica(String pod) {
    return all().stream()
        .filter(member -> member.pod().id().name().equals(pod))
        .findFirst()
        .orElseThrow();
  }

  /** {@return everybody, in the order of the places} */
  public List<Member> all() {
    List<Member> members = new ArrayList<>();
    for (SimPod pod : world().pods().existing()) {
      members.add(new Member(this, pod));
    }
    members.sort(Comparator.comparing(member -> member.pod().slot()));
    return members;
  }

  // API server and objects.

  /** Nobody reaches the API server any more. */
  public Cluster apiAway() {
    world().api().setAway(true);
    return this;
  }

  /** Everybody reaches the API server again. */
  public Cluster apiBack() {
    world().api().setAway(false);
    return this;
  }

  /** Writes new content; returns the resourceVersion. */
  public long write(int object) {
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

  /** Deletes the Lease by hand. */
  public Cluster deleteLease() {
    world().lease().delete();
    return this;
  }

  Cluster editLease(UnaryOperator<Lease> change) {
    world().lease().edit(change);
    return this;
  }

  /** {@return the Lease as the API server has it} */
  public Lease lease() {
    return world().lease().object().orElseThrow();
  }

  /** {@return the newest version on the Lease} */
  public Version version() {
    return lease().version();
  }

  /** Somebody runs the router with a manifest of their own. */
  Cluster addPodWithoutGate(String name) {
    world().processes().addWithoutGate(all().size(), name);
    return this;
  }

  // Callers.

  /** Asks the leader. */
  public Asked ask(Question.About about) {
    return leader().ask(about, timings.fenceTime().multipliedBy(4));
  }

  /** Asks the leader whether this write is live. */
  public Asked askPresent(int object, long resourceVersion) {
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
  public record Asked(Cluster cluster, SimShell by, long question) {

    /** {@return the answer, if there is one} */
    public Optional<Answer> answer() {
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

    /** Lets time pass until the answer is open; fails if it is another one. */
    public Answer.Open expectOpen() {
      return expect(Answer.Open.class);
    }
  }

  /** One replica, whichever process runs on it. */
  public record Member(Cluster cluster, SimPod pod) {

    private World world() {
      return cluster.world();
    }

    /** {@return its process, which must run} */
    public SimShell process() {
      return pod.process().orElseThrow();
    }

    boolean isLeading() {
      return pod.process().map(SimShell::isLeading).orElse(false);
    }

    /** {@return whether it is in the same pod} */
    public boolean isRunOf(Member other) {
      return pod == other.pod;
    }

    /** {@return what it serves} */
    public Version served() {
      return process().view().served();
    }

    /** Cuts its ways to and from the others. */
    public Member isolate(Direction direction) {
      return setIsolated(direction, true);
    }

    /** Opens all its ways. */
    public Member heal() {
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

    /** SIGKILL. */
    public Member crash() {
      world().processes().crash(pod, false);
      return this;
    }

    /** As SIGKILL, and nobody hears of it. */
    public Member losePower() {
      world().processes().crash(pod, true);
      return this;
    }

    /** Starts its process, unless it runs. */
    public Member restart() {
      world().processes().boot(pod);
      return this;
    }

    /** SIGTERM. */
    public Member stop() {
      world().processes().stop(pod);
      return this;
    }

    /** Deletes its pod; another one takes the place. */
    public Member replace() {
      world().processes().replace(pod, pod.id().name() + "n", pod.build());
      return this;
    }

    /** SIGSTOP. */
    public Member pause() {
      process().pause();
      return this;
    }

    /** Its machine stands still, its event loops go on. */
    public Member stall() {
      process().stall();
      return this;
    }

    /** SIGCONT. */
    public Member resume() {
      process().resume();
      return this;
    }

    /** Cuts its way to the API server. */
    public Member cutFromApi() {
      world().api().setCut(pod.id(), true);
      return this;
    }

    /** Opens its way to the API server. */
    public Member reachApi() {
      world().api().setCut(pod.id(), false);
      return this;
    }

    /** Takes away what it holds on disk. */
    public Member loseDisk() {
      pod.setDisk(Optional.empty());
      return this;
    }

    Asked ask(Question.About about, Duration patience) {
      long question = world().questions().ask(process(), about, patience, 0);
      return new Asked(cluster, process(), question);
    }
  }
}
