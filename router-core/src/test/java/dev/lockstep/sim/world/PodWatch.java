package dev.lockstep.sim.world;

import dev.lockstep.core.config.Epoch;
import dev.lockstep.core.protocol.Event;
import dev.lockstep.core.protocol.Pod;
import dev.lockstep.sim.engine.Mark;
import dev.lockstep.sim.engine.Pipe;
import java.util.ArrayList;
import java.util.List;

/** One process's list and watch of the pods: a quorum list, then what comes, in order, late. */
final class PodWatch {

  private static final double REPEATED = 0.02;

  private final World world;
  private final SimShell shell;
  private final Epoch epoch;
  private final SimPods pods;
  private final Pipe events;
  private int attempts;
  private boolean listed;
  private boolean arrived;
  private boolean cutOff;

  PodWatch(World world, SimShell shell, Epoch epoch, SimPods pods) {
    this.world = world;
    this.shell = shell;
    this.epoch = epoch;
    this.pods = pods;
    this.events = new Pipe(world.scheduler());
    this.events.hold(); // Until the list has arrived.
  }

  void list() {
    if (!pods.isCurrent(this, shell)) {
      return;
    }
    listed = false;
    int attempt = ++attempts;
    world
        .api()
        .send(
            shell,
            () -> {
              List<Pod> found = new ArrayList<>();
              pods.existing().forEach(pod -> found.add(pod.object()));
              if (attempt == attempts) { // Not an earlier one that lands late.
                listed = true;
                events.clear();
              }
              return () -> onListed(found);
            },
            this::onFailed);
  }

  void offer(Event event) {
    if (listed) {
      events.offer(world.delay(world.knobs().watchLag()), () -> shell.deliver(event));
      if (world.scheduler().chance(REPEATED)) {
        world.mark(Mark.WATCH_REPEATED);
        events.offer(world.delay(world.knobs().watchLag()), () -> shell.deliver(event));
      }
    }
  }

  /** The server says 410: everything is listed anew, and what came in between is not told. */
  void expire() {
    if (arrived) {
      world.mark(Mark.WATCH_EXPIRED);
      arrived = false;
      listed = false;
      events.clear();
      events.hold();
      shell.after(world.delay(world.knobs().apiDelay()), this::list);
    }
  }

  void stall(long nanos) {
    events.hold();
    world.scheduler().after(nanos, events::release);
  }

  /** A watch without its server is silent; what it missed it hears when the server is back. */
  void followReachability() {
    boolean reaches = world.api().reaches(shell);
    if (cutOff && reaches) {
      events.release();
      cutOff = false;
    } else if (!cutOff && !reaches) {
      events.hold();
      cutOff = true;
    }
  }

  void close() {
    events.close();
  }

  private void onListed(List<Pod> found) {
    if (pods.isCurrent(this, shell)) {
      arrived = true;
      shell.deliver(new Event.PodsListed(epoch, found));
      events.release();
    }
  }

  private void onFailed(String reason) {
    if (pods.isCurrent(this, shell)) {
      shell.deliver(new Event.PodsListFailed(epoch, reason));
      shell.after(world.knobs().apiTimeout() / 2, this::list);
    }
  }
}
