package dev.lockstep.bench;

import dev.lockstep.local.cluster.AuditLog;
import dev.lockstep.local.kubelet.LocalReplica;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What changes cost the mesh.
 *
 * @param wall how long they took, pauses included
 * @param leaderCpu processor time of the leader's process; empty when the leadership moved, or
 *     where the system does not tell
 * @param followerCpu of each other process, in the same case
 * @param leaderRequests requests to the API server by verb and resource
 * @param followerRequests of all the others together
 */
record Cost(
    Duration wall,
    Optional<Duration> leaderCpu,
    List<Duration> followerCpu,
    Map<String, Integer> leaderRequests,
    Map<String, Integer> followerRequests) {

  private static final String ACCOUNT = "system:serviceaccount:lockstep-system:lockstep";

  /**
   * The state at one moment.
   *
   * @param at on the monotonic clock, in nanoseconds
   * @param leader its pod; empty text without one
   * @param cpu processor time so far, by pod
   * @param auditMark the end of the audit log
   */
  record Mark(long at, String leader, Map<String, Duration> cpu, long auditMark) {}

  /** {@return the state now} */
  static Mark mark(BenchMesh.Started mesh) {
    Map<String, Duration> cpu = new TreeMap<>();
    for (LocalReplica replica : mesh.replicas()) {
      processorTime(replica).ifPresent(time -> cpu.put(replica.pod(), time));
    }
    return new Mark(System.nanoTime(), mesh.leader(), cpu, mesh.audit().mark());
  }

  /** {@return the cost since the mark} */
  static Cost since(Mark begin, BenchMesh.Started mesh) {
    Mark end = mark(mesh);
    boolean told =
        !begin.leader.isEmpty()
            && begin.leader.equals(end.leader)
            && begin.cpu.containsKey(begin.leader)
            && begin.cpu.keySet().equals(end.cpu.keySet());
    Map<String, Duration> used = new TreeMap<>();
    end.cpu.forEach(
        (pod, time) -> used.put(pod, time.minus(begin.cpu.getOrDefault(pod, Duration.ZERO))));
    Map<String, Integer> leader = new TreeMap<>();
    Map<String, Integer> followers = new TreeMap<>();
    for (AuditLog.Request request : mesh.audit().requestsFrom(begin.auditMark)) {
      if (request.user().equals(ACCOUNT)) {
        Map<String, Integer> counts = request.pod().equals(end.leader) ? leader : followers;
        counts.merge(request.verb() + " " + request.resource(), 1, Integer::sum);
      }
    }
    return new Cost(
        Duration.ofNanos(end.at - begin.at),
        told ? Optional.ofNullable(used.remove(begin.leader)) : Optional.empty(),
        told ? List.copyOf(used.values()) : List.of(),
        leader,
        followers);
  }

  private static Optional<Duration> processorTime(LocalReplica replica) {
    return replica.pid().isPresent()
        ? ProcessHandle.of(replica.pid().getAsLong())
            .flatMap(process -> process.info().totalCpuDuration())
        : Optional.empty();
  }
}
