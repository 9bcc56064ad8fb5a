package dev.lockstep.sim.world;

import dev.lockstep.core.protocol.PodId;
import dev.lockstep.sim.engine.Scheduler;
import java.util.ArrayList;
import java.util.List;

/**
 * People with browsers: each sees the endpoints through one view, opens connections to whom it
 * shows, and keeps them as long as it likes.
 */
final class Clients {

  private static final long PAUSE = Scheduler.millis(250);

  private static final class Client {
    private final int view;
    private final List<DataPlane.Connection> connections = new ArrayList<>();

    private Client(int view) {
      this.view = view;
    }
  }

  private final World world;

  Clients(World world) {
    this.world = world;
  }

  void start() {
    for (int i = 0; i < world.knobs().clients(); i++) {
      act(new Client(i));
    }
  }

  private void act(Client client) {
    long now = world.scheduler().now();
    client.connections.removeIf(connection -> !connection.isOpen(now));
    if (client.connections.size() < 2) {
      open(client);
    } else if (world.scheduler().chance(0.02)) {
      client.connections.remove(0).close();
    }
    world.scheduler().after(world.delay(2 * PAUSE), () -> act(client));
  }

  private void open(Client client) {
    List<PodId> reachable = world.endpoints().view(client.view);
    if (reachable.isEmpty()) {
      return;
    }
    PodId chosen = reachable.get(world.scheduler().below(reachable.size()));
    world
        .pods()
        .find(chosen)
        .flatMap(SimPod::process)
        .ifPresent(process -> client.connections.add(process.dataPlane().connect()));
  }
}
