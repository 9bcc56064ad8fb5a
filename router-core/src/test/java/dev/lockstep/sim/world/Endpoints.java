package dev.lockstep.sim.world;

import dev.lockstep.core.protocol.Pod;
import dev.lockstep.core.protocol.PodId;
import dev.lockstep.sim.engine.Pipe;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What clients can reach through the Service. Each view (a node's proxy rules, a client's resolver)
 * follows the readiness of the pods in its own time, never slower than the endpoint lag.
 *
 * <p>The readiness probe is left out on purpose: it could only take a replica out earlier, and the
 * promise must hold without that.
 */
public final class Endpoints {

  private static final int VIEWS = 2;

  private record View(Set<PodId> listed, Pipe updates) {}

  private final World world;
  private final List<View> views = new ArrayList<>();
  private final Set<PodId> ready = new LinkedHashSet<>();

  Endpoints(World world) {
    this.world = world;
    for (int i = 0; i < VIEWS; i++) {
      views.add(new View(new LinkedHashSet<>(), new Pipe(world.scheduler(), 0)));
    }
  }

  void refresh(SimPod pod) {
    Pod object = pod.object();
    boolean runs = object.process() != Pod.Process.NOT_RUNNING;
    boolean isReady =
        pod.exists()
            && object.phase() == Pod.Phase.PRESENT
            && (object.isInSync() || (object.gate() == Pod.Gate.MISSING && runs));
    boolean change = isReady ? ready.add(pod.id()) : ready.remove(pod.id());
    if (change) {
      for (View view : views) {
        view.updates.offer(lag(), () -> set(view, pod.id(), isReady));
      }
    }
  }

  /** {@return whether some client may still open a connection to this pod} */
  public boolean lists(PodId pod) {
    for (View view : views) {
      if (view.listed.contains(pod)) {
        return true;
      }
    }
    return false;
  }

  /** {@return whom clients with this view may connect to} */
  List<PodId> view(int number) {
    return List.copyOf(views.get(number % VIEWS).listed);
  }

  private static void set(View view, PodId pod, boolean isReady) {
    if (isReady) {
      view.listed.add(pod);
    } else {
      view.listed.remove(pod);
    }
  }

  private long lag() {
    long most = world.knobs().endpointLag();
    // Mostly quick, as it is; often enough as slow as it may be.
    return world.scheduler().chance(0.3)
        ? most
        : world.delay(world.scheduler().chance(0.5) ? most : most / 8);
  }
}
