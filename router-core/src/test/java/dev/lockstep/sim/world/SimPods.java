package dev.lockstep.sim.world;

import dev.lockstep.core.config.Epoch;
import dev.lockstep.core.config.Version;
import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.Event;
import dev.lockstep.core.protocol.Pod;
import dev.lockstep.core.protocol.PodId;
import dev.lockstep.sim.engine.Mark;
import dev.lockstep.sim.engine.Pipe;
import dev.lockstep.sim.invariant.Fact;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * The pods of the mesh in the API server: registers with compare-and-swap, a list, watches that lag
 * and stall, kubelets that report late.
 */
public final class SimPods {

  private final World world;
  private final Map<PodId, SimPod> pods = new LinkedHashMap<>();
  private final Map<SimShell, PodWatch> watches = new LinkedHashMap<>();
  private final Map<PodId, Pipe> reports = new LinkedHashMap<>();
  private int made;

  SimPods(World world) {
    this.world = world;
  }

  /** {@return the pods whose objects exist, oldest first} */
  public List<SimPod> existing() {
    List<SimPod> existing = new ArrayList<>(pods.size());
    for (SimPod pod : pods.values()) {
      if (pod.exists()) {
        existing.add(pod);
      }
    }
    return existing;
  }

  Iterable<SimPod> ever() {
    return pods.values();
  }

  Optional<SimPod> byMesh(String mesh) {
    for (SimPod pod : pods.values()) {
      if (pod.mesh().equals(mesh)) {
        return Optional.of(pod);
      }
    }
    return Optional.empty();
  }

  Optional<SimPod> find(PodId id) {
    return Optional.ofNullable(pods.get(id));
  }

  /** Creates a pod object for this place of the Deployment. */
  SimPod make(int slot, String name, Pod.Gate gate, SimPod.Build build) {
    PodId id = new PodId(name, "uid" + ++made);
    SimPod pod =
        new SimPod(
            new Pod(
                id,
                world.api().nextRevision(),
                Pod.Condition.NOT_IN_SYNC,
                Epoch.NONE,
                Version.NONE,
                "",
                Pod.Process.NOT_RUNNING,
                Pod.Phase.PRESENT,
                gate,
                "node" + slot),
            slot,
            build);
    pods.put(id, pod);
    changed(pod);
    return pod;
  }

  /** Changes the object, by whoever has the right to. */
  void update(SimPod pod, UnaryOperator<Pod> change) {
    Pod before = pod.object();
    Pod wanted = change.apply(before);
    if (!pod.exists() || wanted.equals(before)) {
      return; // A write that changes nothing leaves the resourceVersion alone.
    }
    pod.setObject(copy(wanted, world.api().nextRevision(), wanted.process(), wanted.phase()));
    changed(pod);
  }

  /** Changes something about the object that does not concern us. */
  public void touch(SimPod pod) {
    if (pod.exists()) {
      Pod p = pod.object();
      pod.setObject(copy(p, world.api().nextRevision(), p.process(), p.phase()));
      changed(pod);
    }
  }

  void remove(SimPod pod) {
    if (!pod.exists()) {
      return;
    }
    world.api().nextRevision();
    pod.remove();
    world.trace("api", "pod gone " + pod);
    world.endpoints().refresh(pod);
    for (PodWatch watch : watches.values()) {
      watch.offer(new Event.PodGone(pod.id()));
    }
  }

  /** The kubelet reports, when it gets to it; its reports keep their order. */
  void reportProcess(SimPod pod, Pod.Process process) {
    reports
        .computeIfAbsent(pod.id(), id -> new Pipe(world.scheduler(), 0))
        .offer(
            world.delay(world.knobs().statusLag()),
            () ->
                update(
                    pod,
                    p -> copy(p, p.resourceVersion(), shown(p.condition(), process), p.phase())));
  }

  /** Only of who is in sync can be told that it should be Ready, and is not. */
  private static Pod.Process shown(Pod.Condition condition, Pod.Process process) {
    boolean moot = process == Pod.Process.UNREADY && condition == Pod.Condition.NOT_IN_SYNC;
    return moot ? Pod.Process.RUNNING : process;
  }

  private void changed(SimPod pod) {
    world.fact(new Fact.PodCommitted(pod.object()));
    world.endpoints().refresh(pod);
    for (PodWatch watch : watches.values()) {
      watch.offer(new Event.PodSeen(pod.object()));
    }
  }

  // What a shell asks for.

  void follow(SimShell shell, Epoch epoch) {
    unfollow(shell);
    PodWatch watch = new PodWatch(world, shell, epoch, this);
    watches.put(shell, watch);
    watch.list();
  }

  void unfollow(SimShell shell) {
    PodWatch watch = watches.remove(shell);
    if (watch != null) {
      watch.close();
    }
  }

  boolean isCurrent(PodWatch watch, SimShell shell) {
    return watches.get(shell) == watch;
  }

  /** Lets the watch of this process fall behind for a while. */
  public void stallWatch(SimShell shell, long nanos) {
    PodWatch watch = watches.get(shell);
    if (watch != null) {
      world.mark(Mark.WATCH_STALLED);
      watch.stall(nanos);
    }
  }

  /** Ends the watch of this process: it must list again. */
  public void expireWatch(SimShell shell) {
    PodWatch watch = watches.get(shell);
    if (watch != null) {
      watch.expire();
    }
  }

  void watchesFollowReachability() {
    for (PodWatch watch : watches.values()) {
      watch.followReachability();
    }
  }

  void read(SimShell shell, PodId id) {
    world
        .api()
        .send(
            shell,
            () -> {
              Event answer = seen(id);
              return () -> shell.deliver(answer);
            },
            reason -> shell.deliver(new Event.PodReadFailed(id, reason)));
  }

  void write(SimShell shell, Effect.WritePod write) {
    PodId id = write.base().id();
    world
        .api()
        .send(
            shell,
            () -> {
              Event answer = compareAndSwap(write);
              return () -> shell.deliver(answer);
            },
            reason -> shell.deliver(new Event.PodWriteUnresolved(id, reason)));
  }

  private Event seen(PodId id) {
    SimPod pod = pods.get(id);
    return pod == null || !pod.exists() ? new Event.PodGone(id) : new Event.PodSeen(pod.object());
  }

  private Event compareAndSwap(Effect.WritePod write) {
    PodId id = write.base().id();
    SimPod pod = pods.get(id);
    if (pod == null || !pod.exists()) {
      return new Event.PodGone(id);
    }
    if (pod.object().resourceVersion() != write.base().resourceVersion()) {
      world.mark(Mark.POD_CONFLICT);
      return new Event.PodWriteUnresolved(id, "409");
    }
    if (write.condition() == Pod.Condition.NOT_IN_SYNC && !pod.object().isInSync()) {
      world.mark(Mark.STAMPED);
    }
    update(pod, p -> written(p, write));
    world.trace("api", pod.object());
    return new Event.PodWritten(pod.object());
  }

  void leaving(SimPod pod) {
    update(pod, p -> copy(p, p.resourceVersion(), p.process(), Pod.Phase.LEAVING));
  }

  private static Pod copy(Pod p, long revision, Pod.Process process, Pod.Phase phase) {
    return new Pod(
        p.id(),
        revision,
        p.condition(),
        p.stamp(),
        p.version(),
        p.alias(),
        process,
        phase,
        p.gate(),
        p.node());
  }

  private static Pod written(Pod p, Effect.WritePod write) {
    return new Pod(
        p.id(),
        p.resourceVersion(),
        write.condition(),
        write.stamp(),
        write.version(),
        write.alias(),
        shown(write.condition(), p.process()),
        p.phase(),
        p.gate(),
        p.node());
  }
}
