package dev.lockstep.chaos.fault;

import dev.lockstep.local.kubelet.LocalReplica;
import dev.lockstep.local.process.Commands;
import java.util.Optional;
import java.util.Set;

/**
 * Lets every write of a replica to a file fail, by the limit of the kernel on the size of files
 * (RLIMIT_FSIZE): the write of a snapshot fails as on a full disk, with another error number, and
 * no right of root is needed. The replica's log fails likewise, so its lines of that time are lost.
 */
public final class DiskFaults implements FaultSource {
  private final Replicas replicas;
  private final Set<FaultKind> kinds;

  /** Needs the program prlimit. */
  public DiskFaults(Replicas replicas) {
    this.replicas = replicas;
    String path = System.getenv().getOrDefault("PATH", "/usr/bin:/bin");
    this.kinds =
        Commands.find("prlimit", path).isPresent() ? Set.of(FaultKind.DISK_FULL) : Set.of();
  }

  @Override
  public Set<FaultKind> kinds() {
    return kinds;
  }

  @Override
  public Optional<Fault> begin(Order order) {
    Optional<LocalReplica> chosen = replicas.mostlyLeader(order.random());
    if (chosen.isEmpty() || chosen.get().pid().isEmpty()) {
      return Optional.empty();
    }
    long pid = chosen.get().pid().getAsLong();
    if (!limit(pid, "1:unlimited")) {
      return Optional.empty(); // It has just ended.
    }
    return Optional.of(new Fault(chosen.get().pod(), () -> limit(pid, "unlimited:unlimited")));
  }

  private static boolean limit(long pid, String softAndHard) {
    return Commands.run("prlimit", "--pid", Long.toString(pid), "--fsize=" + softAndHard)
        .succeeded();
  }
}
