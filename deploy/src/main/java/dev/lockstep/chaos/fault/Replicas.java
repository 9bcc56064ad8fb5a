package dev.lockstep.chaos.fault;

import dev.lockstep.chaos.oracle.Reach;
import dev.lockstep.local.LocalMesh;
import dev.lockstep.local.kubelet.LocalReplica;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;

/** Chooses whom a fault hits, never one that another fault of processes has. Thread-safe. */
public final class Replicas {
  private final LocalMesh mesh;
  private final Reach reach;
  private final Set<String> busy = new LinkedHashSet<>();

  /** Chooses among the replicas of this mesh. */
  public Replicas(LocalMesh mesh, Reach reach) {
    this.mesh = mesh;
    this.reach = reach;
  }

  /** {@return what runs them} */
  public LocalMesh mesh() {
    return mesh;
  }

  /** {@return whom clients can reach, and who leads} */
  public Reach reach() {
    return reach;
  }

  /** {@return all that run} */
  public List<LocalReplica> all() {
    return mesh.replicas().stream().filter(it -> it.pid().isPresent()).toList();
  }

  /** {@return the one that the Lease names, if it runs} */
  public Optional<LocalReplica> leader() {
    return all().stream().filter(it -> it.pod().equals(reach.leader())).findFirst();
  }

  /** {@return one of the others, if it is known who leads} */
  public Optional<LocalReplica> follower(RandomGenerator random) {
    if (leader().isEmpty()) {
      return Optional.empty();
    }
    List<LocalReplica> others =
        all().stream().filter(it -> !it.pod().equals(reach.leader())).toList();
    return others.isEmpty()
        ? Optional.empty()
        : Optional.of(others.get(random.nextInt(others.size())));
  }

  /** {@return the leader, as most faults hit best there, or any} */
  public Optional<LocalReplica> mostlyLeader(RandomGenerator random) {
    List<LocalReplica> all = all();
    if (all.isEmpty()) {
      return Optional.empty();
    }
    return random.nextInt(3) > 0 ? leader() : Optional.of(all.get(random.nextInt(all.size())));
  }

  /** {@return the replica of this pod, if it has one} */
  public Optional<LocalReplica> find(String pod) {
    return mesh.replicas().stream().filter(it -> it.pod().equals(pod)).findFirst();
  }

  /** Takes a pod for a fault of its process; returns whether it was free. */
  synchronized boolean take(String pod) {
    return busy.add(pod);
  }

  /** Gives it back. */
  synchronized void release(String pod) {
    busy.remove(pod);
  }
}
