package dev.lockstep.chaos.fault;

import static dev.lockstep.chaos.fault.FaultKind.API_AWAY;
import static dev.lockstep.chaos.fault.FaultKind.API_RESTART;
import static dev.lockstep.chaos.fault.FaultKind.ETCD_COMPACTED;
import static dev.lockstep.chaos.fault.FaultKind.ETCD_RESTART;

import dev.lockstep.chaos.oracle.Reach;
import dev.lockstep.local.cluster.ApiServer;
import dev.lockstep.local.cluster.EtcdGateway;
import java.util.Optional;
import java.util.Set;

/** Takes the API server or its store away, and makes it forget its history. */
public final class ServerFaults implements FaultSource {
  private final ApiServer server;
  private final Reach reach;

  /** Tells the view of the pods when nothing can be written. */
  public ServerFaults(ApiServer server, Reach reach) {
    this.server = server;
    this.reach = reach;
  }

  @Override
  public Set<FaultKind> kinds() {
    return Set.of(API_RESTART, API_AWAY, ETCD_RESTART, ETCD_COMPACTED);
  }

  @Override
  public Optional<Fault> begin(Order order) {
    return switch (order.kind()) {
      case ETCD_COMPACTED -> Optional.of(compact());
      case ETCD_RESTART -> {
        server.stopEtcd();
        reach.apiAway();
        yield Optional.of(
            new Fault(
                "killed",
                () -> {
                  server.startEtcd();
                  reach.apiBack();
                }));
      }
      default -> {
        server.stop();
        reach.apiAway();
        yield Optional.of(
            new Fault(
                "killed",
                () -> {
                  server.start();
                  reach.apiBack();
                }));
      }
    };
  }

  private Fault compact() {
    try (EtcdGateway etcd = server.etcd()) {
      return Fault.over("up to revision " + etcd.compact());
    }
  }
}
