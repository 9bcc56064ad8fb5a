package dev.lockstep.sim.world;

import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.Event;
import dev.lockstep.core.protocol.Pod;
import dev.lockstep.core.protocol.PodId;
import dev.lockstep.sim.engine.Mark;
import dev.lockstep.sim.engine.Scheduler;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** Kubelets and the Deployment: they start, stop, replace, add and take away what should run. */
public final class Processes {

  private final World world;
  private int wanted;
  private int names;
  private Predicate<Effect> deaths = effect -> false;

  Processes(World world) {
    this.world = world;
    this.wanted = world.knobs().replicas();
  }

  /** {@return how many replicas the Deployment wants at the moment} */
  public int wanted() {
    return wanted;
  }

  /** Creates all pods of the Deployment and their processes. */
  void start() {
    for (int slot = 0; slot < wanted; slot++) {
      create(slot, "r" + (slot + 1), Pod.Gate.PRESENT, SimPod.Build.NEW);
    }
  }

  /** Somebody runs the router with a manifest of their own, without our readiness gate. */
  public void addWithoutGate(int slot, String name) {
    create(slot, name, Pod.Gate.MISSING, SimPod.Build.NEW);
  }

  private void create(int slot, String name, Pod.Gate gate, SimPod.Build build) {
    boot(world.pods().make(slot, name, gate, build));
  }

  // Containers.

  /** Starts the process, unless one runs or the pod is on its way out. */
  public void boot(SimPod pod) {
    if (pod.process().isPresent() || pod.isLeaving()) {
      return;
    }
    SimShell shell = new SimShell(world, pod);
    pod.setProcess(Optional.of(shell));
    if (world.scheduler().chance(0.5)) {
      // A look of the kubelet comes between the start and the first probe that succeeds.
      world.pods().reportProcess(pod, Pod.Process.UNREADY);
    }
    world.pods().reportProcess(pod, Pod.Process.RUNNING);
    shell.start();
  }

  /** Kills the process at once; with {@code silently} not even its connections are closed. */
  public void crash(SimPod pod, boolean silently) {
    pod.process()
        .ifPresent(
            shell -> {
              world.mark(silently ? Mark.POWER_LOSS : Mark.CRASH);
              if (shell.dataPlane().isInstalling()) {
                world.mark(Mark.CRASH_DURING_INSTALL);
              }
              end(pod, shell, silently);
            });
  }

  /** Asks the process to leave, and kills it if it takes too long. */
  public void stop(SimPod pod) {
    pod.process()
        .ifPresent(
            shell -> {
              world.mark(Mark.GRACEFUL_STOP);
              shell.deliver(new Event.Draining());
              long grace = 3 * world.knobs().timings().drainTime().toNanos();
              world
                  .scheduler()
                  .after(
                      grace,
                      () -> {
                        if (pod.process().equals(Optional.of(shell))) {
                          exited(pod);
                        }
                      });
            });
  }

  /** The process has ended by itself: its container starts another one. */
  void exited(SimPod pod) {
    pod.process().ifPresent(shell -> end(pod, shell, false));
    restart(pod);
  }

  /** The container of a process that has ended starts another one, in a while. */
  public void restart(SimPod pod) {
    world.scheduler().after(world.delay(world.knobs().restartPause()), () -> boot(pod));
  }

  private void end(SimPod pod, SimShell shell, boolean silently) {
    pod.setProcess(Optional.empty());
    shell.die(silently);
    if (silently) {
      world.scheduler().after(world.knobs().nodeGrace(), () -> missNode(pod));
    } else {
      world.pods().reportProcess(pod, Pod.Process.NOT_RUNNING);
    }
    if (pod.isLeaving()) {
      world
          .scheduler()
          .after(world.delay(world.knobs().statusLag()), () -> world.pods().remove(pod));
    }
  }

  /** No kubelet reports from a lost node: Kubernetes only notices that it is silent. */
  private void missNode(SimPod pod) {
    if (pod.process().isEmpty()) {
      world.pods().reportProcess(pod, Pod.Process.UNREADY);
    }
  }

  // Pods.

  /** Deletes the pod in order; the Deployment makes another of this build in its place. */
  public void replace(SimPod pod, String name, SimPod.Build build) {
    if (pod.isLeaving()) {
      return;
    }
    world.mark(Mark.POD_REPLACED);
    delete(pod);
    long pause = world.scheduler().between(0, Scheduler.millis(500));
    world.scheduler().after(pause, () -> createIfWanted(pod, name, build));
  }

  private void delete(SimPod pod) {
    world.trace("kubectl", "delete pod " + pod);
    world.pods().leaving(pod);
    if (pod.process().isPresent()) {
      world.scheduler().after(world.delay(world.knobs().statusLag()), () -> stop(pod));
    } else {
      world.pods().remove(pod);
    }
  }

  private void createIfWanted(SimPod former, String name, SimPod.Build build) {
    if (staying().size() >= wanted) {
      return;
    }
    if (world.pods().existing().stream().anyMatch(pod -> pod.id().name().equals(name))) {
      // A StatefulSet makes the next pod of a name when the one before is gone.
      world.scheduler().after(Scheduler.millis(100), () -> createIfWanted(former, name, build));
    } else {
      create(former.slot(), name, former.object().gate(), build);
    }
  }

  /**
   * Removes the pod object at once, and the process with it. A process that lives on after its pod
   * was removed by force is left out: Kubernetes itself promises nothing for it, and only a leader
   * that saw the pod before can count it.
   */
  public void forceDelete(SimPod pod, String name) {
    if (!pod.exists()) {
      return;
    }
    world.mark(Mark.POD_REPLACED);
    boolean replaced = pod.isLeaving();
    world.pods().remove(pod);
    crash(pod, world.scheduler().chance(0.5));
    if (!replaced) {
      createIfWanted(pod, name, pod.build());
    }
  }

  /** From now on, this decides before which effect a process dies. */
  public void setDeaths(Predicate<Effect> deaths) {
    this.deaths = deaths;
  }

  boolean dies(Effect next) {
    return deaths.test(next);
  }

  void evict(SimShell asker, PodId id) {
    world
        .api()
        .send(
            asker,
            () -> {
              world
                  .pods()
                  .find(id)
                  .ifPresent(pod -> replace(pod, pod.id().name() + "e", pod.build()));
              return () -> {};
            },
            reason -> {});
  }

  /** The Deployment has so many replicas from now on: the newest go first, as they do there. */
  public void scale(int replicas) {
    world.trace("kubectl", "scale to " + replicas);
    world.mark(replicas > wanted ? Mark.SCALED_UP : Mark.SCALED_DOWN);
    wanted = replicas;
    List<SimPod> staying = staying();
    for (int slot = 0; staying.size() < wanted; slot++) {
      int free = slot;
      if (staying.stream().noneMatch(pod -> pod.slot() == free)) {
        create(free, "s" + ++names, Pod.Gate.PRESENT, SimPod.Build.NEW);
        staying = staying();
      }
    }
    staying.reversed().stream().limit(staying.size() - wanted).forEach(this::delete);
  }

  private List<SimPod> staying() {
    List<SimPod> staying = new ArrayList<>(world.pods().existing());
    staying.removeIf(SimPod::isLeaving);
    return staying;
  }
}
