package dev.lockstep.sim.scope;

import dev.lockstep.core.ReplicaView;
import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.Event;
import dev.lockstep.core.protocol.Lease;
import dev.lockstep.core.protocol.Message;
import dev.lockstep.core.protocol.Pod;
import dev.lockstep.core.protocol.PodId;
import dev.lockstep.core.protocol.ReplicaId;
import dev.lockstep.sim.invariant.Fact;
import dev.lockstep.sim.invariant.Invariant;
import dev.lockstep.sim.invariant.Mesh;
import dev.lockstep.sim.world.SimPod;
import dev.lockstep.sim.world.SimShell;
import dev.lockstep.sim.world.World;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Looks at a world after every event: whether something left a machine, and, if something happened
 * at all, in which state everything is.
 *
 * <p>A state is, for each place of the mesh, the pod object and the machine's view of itself and of
 * its members, what a client could meet there, whether the process runs, is stopped, has a request
 * about the Lease under way; then the Lease, and how many messages are on each way. Numbers count
 * by their order only, since their values depend on how often something was written. Left out are
 * the contents of messages, and time.
 */
final class Watcher implements Invariant {

  private static final long PRIME = 0x9E3779B97F4A7C15L;
  private static final int GONE = 99;

  private final World world;
  private final States states;
  private final Map<ReplicaId, ReplicaView> views = new LinkedHashMap<>();
  private final Map<ReplicaId, Effect> asked = new LinkedHashMap<>();
  private final long[] numbers = new long[256];
  private final long[] ranks = new long[256];
  private int count;
  private long hash;
  private boolean spoke;
  private boolean changed;
  private Optional<Lease> lease = Optional.empty();

  Watcher(World world, States states) {
    this.world = world;
    this.states = states;
  }

  /** {@return whether something left a machine since the last call} */
  boolean takeSpoke() {
    boolean taken = spoke;
    spoke = false;
    return taken;
  }

  @Override
  public void observe(Fact fact, Mesh mesh) {
    changed = true;
    if (fact instanceof Fact.Stepped step) {
      views.remove(step.replica());
      if (isLeaseAnswer(step.event())) {
        asked.remove(step.replica());
      }
      for (Effect effect : step.effects()) {
        if (isLeaseRequest(effect)) {
          asked.put(step.replica(), effect);
        }
        spoke |= leaves(effect);
      }
    }
  }

  private static boolean isLeaseRequest(Effect effect) {
    return effect instanceof Effect.ReadLease
        || effect instanceof Effect.CreateLease
        || effect instanceof Effect.WriteLease;
  }

  private static boolean isLeaseAnswer(Event event) {
    return event instanceof Event.LeaseRead
        || event instanceof Event.LeaseMissing
        || event instanceof Event.LeaseReadFailed
        || event instanceof Event.LeaseWritten
        || event instanceof Event.LeaseWriteUnresolved;
  }

  /** Signs of life are left out: they are as good as the silence before them. */
  private static boolean leaves(Effect effect) {
    return switch (effect) {
      case Effect.Send(var link, var message) ->
          !(message instanceof Message.Heartbeat || message instanceof Message.HeartbeatReply);
      case Effect.CreateLease c -> true;
      case Effect.WriteLease w -> true;
      case Effect.WritePod w -> true;
      case Effect.EvictPod e -> true;
      case Effect.Connect c -> true;
      case Effect.Disconnect d -> true;
      case Effect.FetchSnapshot f -> true;
      case Effect.Install i -> true;
      case Effect.Admit a -> true;
      case Effect.RetireConnections r -> true;
      case Effect.Reply r -> !(r.answer() instanceof dev.lockstep.core.protocol.Answer.Undecidable);
      case Effect.ReadLease r -> false;
      case Effect.FollowPods f -> false;
      case Effect.UnfollowPods u -> false;
      case Effect.ReadPod r -> false;
      case Effect.Probe p -> false;
      case Effect.StartSources s -> false;
      case Effect.StopSources s -> false;
      case Effect.ReadObject r -> false;
      case Effect.Announce a -> false;
      case Effect.Exit e -> false;
    };
  }

  @Override
  public void check(Mesh mesh) {
    if (changed || world.lease().object() != lease) {
      changed = false;
      lease = world.lease().object();
      look(mesh);
    }
  }

  private void look(Mesh mesh) {
    hash = 1;
    count = 0;
    for (SimPod pod : world.pods().existing()) {
      addPod(pod.object(), pod.slot());
      addBoolean(world.endpoints().lists(pod.id()));
      Optional<SimShell> process = pod.process();
      addBoolean(process.isPresent());
      process.ifPresent(this::addProcess);
    }
    mesh.exposures(
        (replica, served) -> {
          add(who(replica));
          addNumber(served.value());
        });
    lease.ifPresent(this::addLease);
    world.network().underWay((from, to, messages) -> add((from * 64L + to) * 64 + messages));
    addRanks();
    states.add(mixed(hash));
  }

  private void addPod(Pod pod, int place) {
    add(place);
    add(pod.condition().ordinal());
    add(pod.process().ordinal());
    add(pod.phase().ordinal());
    addNumber(pod.stamp().value());
    addNumber(pod.version().value());
  }

  private void addProcess(SimShell shell) {
    addBoolean(shell.isPaused());
    addBoolean(shell.takesRequests());
    Effect request = asked.get(shell.id());
    add(request == null ? 0 : request.getClass().getSimpleName().hashCode());
    ReplicaView view = views.computeIfAbsent(shell.id(), id -> shell.view());
    add(view.role().ordinal());
    add(view.standing().ordinal());
    add(view.readiness().ordinal());
    add(view.leader().map(leader -> who(leader.replica())).orElse(0));
    addNumber(view.epoch().value());
    addNumber(view.served().value());
    view.leadership().ifPresent(this::addLeadership);
  }

  private void addLeadership(ReplicaView.Leadership leadership) {
    add(leadership.api().ordinal());
    add(leadership.sources().ordinal());
    addBoolean(leadership.undecidable().isEmpty());
    addNumber(leadership.committed().value());
    addNumber(leadership.open().value());
    for (ReplicaView.Member member : leadership.members()) {
      add(place(member.pod()));
      add(member.state().ordinal());
      add(member.replica().map(this::who).orElse(0));
      addNumber(member.version().value());
    }
  }

  private void addLease(Lease lease) {
    add(lease.holder().map(this::who).orElse(0));
    addNumber(lease.epoch().value());
    addNumber(lease.version().value());
  }

  /** {@return the place of this process, if it is the one that runs there} */
  private int who(ReplicaId run) {
    for (SimPod pod : world.pods().existing()) {
      if (pod.process().map(SimShell::id).equals(Optional.of(run))) {
        return pod.slot() + 1;
      }
    }
    return GONE;
  }

  private int place(PodId id) {
    for (SimPod pod : world.pods().existing()) {
      if (pod.id().equals(id)) {
        return pod.slot() + 1;
      }
    }
    return GONE;
  }

  private void addBoolean(boolean value) {
    add(value ? 1 : 2);
  }

  private void add(long value) {
    hash = (hash ^ value) * PRIME;
    hash ^= hash >>> 29;
  }

  private void addNumber(long number) {
    numbers[count++] = number;
  }

  /** Each number by its place among those that are there. */
  private void addRanks() {
    System.arraycopy(numbers, 0, ranks, 0, count);
    Arrays.sort(ranks, 0, count);
    int different = 0;
    for (int i = 0; i < count; i++) {
      if (i == 0 || ranks[i] != ranks[i - 1]) {
        ranks[different++] = ranks[i];
      }
    }
    for (int i = 0; i < count; i++) {
      add(Arrays.binarySearch(ranks, 0, different, numbers[i]));
    }
  }

  private static long mixed(long value) {
    long mixed = (value ^ (value >>> 32)) * PRIME;
    return mixed ^ (mixed >>> 29);
  }
}
