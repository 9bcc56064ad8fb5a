package dev.lockstep.sim.world;

import dev.lockstep.core.protocol.Event;
import dev.lockstep.core.protocol.Pod;
import dev.lockstep.core.protocol.PodId;
import dev.lockstep.sim.engine.Mark;
import dev.lockstep.sim.engine.Scheduler;
import java.util.Optional;

/** Kubelets and the Deployment: they start, stop and replace what should run. */
public final class Processes {

  private final World world;

  Processes(World world) {
    this.world = world;
  }

  /** Creates a pod for this place, and its process. */
  public SimPod create(int slot, String name, Pod.Gate gate) {
    SimPod pod = world.pods().make(slot, name, gate);
    boot(pod);
    return pod;
  }

  /** Starts the process, unless one runs or the pod is on its way out. */
  public void boot(SimPod pod) {
    if (pod.process().isPresent() || pod.isLeaving()) {
      return;
    }
    SimShell shell = new SimShell(world, pod);
    pod.setProcess(Optional.of(shell));
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

  /** The process has ended: its container starts another one. */
  void exited(SimPod pod) {
    pod.process().ifPresent(shell -> end(pod, shell, false));
    long pause = world.scheduler().between(Scheduler.millis(50), Scheduler.millis(500));
    world.scheduler().after(pause, () -> boot(pod));
  }

  private void end(SimPod pod, SimShell shell, boolean silently) {
    pod.setProcess(Optional.empty());
    shell.die(silently);
    world.pods().reportProcess(pod, Pod.Process.NOT_RUNNING);
    if (pod.isLeaving()) {
      world
          .scheduler()
          .after(world.delay(world.knobs().statusLag()), () -> world.pods().remove(pod));
    }
  }

  /** Deletes the pod in order, and makes another in its place. */
  public void replace(SimPod pod, String name) {
    if (pod.isLeaving()) {
      return;
    }
    world.mark(Mark.POD_REPLACED);
    world.trace("kubectl", "delete pod " + pod);
    world.pods().leaving(pod);
    if (pod.process().isPresent()) {
      world.scheduler().after(world.delay(world.knobs().statusLag()), () -> stop(pod));
    } else {
      world.pods().remove(pod);
    }
    long pause = world.scheduler().between(0, Scheduler.millis(500));
    world.scheduler().after(pause, () -> create(pod.slot(), name, pod.object().gate()));
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
      create(pod.slot(), name, pod.object().gate());
    }
  }

  void evict(SimShell asker, PodId id) {
    world
        .api()
        .send(
            asker,
            () -> {
              world.pods().find(id).ifPresent(pod -> replace(pod, pod.id().name() + "e"));
              return () -> {};
            },
            reason -> {});
  }
}
