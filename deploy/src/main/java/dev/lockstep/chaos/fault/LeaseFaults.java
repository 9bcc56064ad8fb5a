package dev.lockstep.chaos.fault;

import static dev.lockstep.chaos.fault.FaultKind.LEASE_DELETED;
import static dev.lockstep.chaos.fault.FaultKind.LEASE_EDITED;
import static dev.lockstep.chaos.fault.FaultKind.LEASE_PUT_BACK;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.Set;

/** People with kubectl who mean well: they edit the Lease, restore it, delete it. */
public final class LeaseFaults implements FaultSource {
  private static final int COPIES = 8;

  private final KubernetesClient client;
  private final Deque<Lease> copies = new ArrayDeque<>(); // Guarded by itself.

  /** Meddles with a client of its own. */
  public LeaseFaults(KubernetesClient client) {
    this.client = client;
  }

  @Override
  public Set<FaultKind> kinds() {
    return Set.of(LEASE_EDITED, LEASE_PUT_BACK, LEASE_DELETED);
  }

  @Override
  public Optional<Fault> begin(Order order) {
    try {
      Resource<Lease> lease = client.leases().inNamespace("lockstep-system").withName("lockstep");
      Lease now = lease.get();
      if (now == null || now.getMetadata().getAnnotations() == null) {
        return Optional.empty();
      }
      keep(now);
      return Optional.of(
          switch (order.kind()) {
            case LEASE_EDITED -> edit(lease);
            case LEASE_DELETED -> delete(lease);
            default -> putBack(lease, order.random().nextInt(COPIES));
          });
    } catch (KubernetesClientException e) {
      return Optional.empty(); // Somebody else wrote it first, or the API server is away.
    }
  }

  private static Fault edit(Resource<Lease> lease) {
    lease.edit(
        it -> {
          it.getMetadata().getAnnotations().put("lockstep.dev/version", "1");
          it.getMetadata().getAnnotations().put("lockstep.dev/epoch", "1");
          return it;
        });
    return Fault.over("version and epoch set to 1");
  }

  private static Fault delete(Resource<Lease> lease) {
    lease.delete();
    return Fault.over("by hand");
  }

  private Fault putBack(Resource<Lease> lease, int choice) {
    Lease old = copy(choice);
    lease.edit(
        it -> {
          it.getMetadata().setAnnotations(old.getMetadata().getAnnotations());
          it.setSpec(old.getSpec());
          return it;
        });
    return Fault.over("as it was at resourceVersion " + old.getMetadata().getResourceVersion());
  }

  private void keep(Lease now) {
    synchronized (copies) {
      copies.addLast(now);
      if (copies.size() > COPIES) {
        copies.removeFirst();
      }
    }
  }

  private Lease copy(int choice) {
    synchronized (copies) {
      return copies.stream().skip(choice % copies.size()).findFirst().orElseThrow();
    }
  }
}
