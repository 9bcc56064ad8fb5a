package dev.lockstep.chaos.link;

import dev.lockstep.local.kubelet.LocalReplica;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Finds out which replica has connected. All come from the loopback address, so the kernel is
 * asked: which socket has that port ({@code /proc/net/tcp}), and which process has that socket
 * ({@code /proc/PID/fd}). Thread-safe.
 */
final class PeerFinder {
  /** Somebody who is no replica, or is gone already. */
  static final String NOBODY = "?";

  private static final int LOCAL = 1;
  private static final int REMOTE = 2;
  private static final int INODE = 9;

  private final Supplier<List<LocalReplica>> replicas;

  PeerFinder(Supplier<List<LocalReplica>> replicas) {
    this.replicas = replicas;
  }

  /** {@return the pod whose process has a connection from this port to that one} */
  String podOf(int from, int to) {
    return inode(from, to).flatMap(this::owner).orElse(NOBODY);
  }

  private static Optional<String> inode(int from, int to) {
    String local = ":%04X".formatted(from).toUpperCase(Locale.ROOT);
    String remote = ":%04X".formatted(to).toUpperCase(Locale.ROOT);
    for (String table : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
      try (Stream<String> lines = Files.lines(Path.of(table))) {
        Optional<String> found =
            lines
                .map(line -> line.strip().split("\\s+"))
                .filter(it -> it[LOCAL].endsWith(local) && it[REMOTE].endsWith(remote))
                .map(it -> it[INODE])
                .findFirst();
        if (found.isPresent()) {
          return found;
        }
      } catch (IOException e) {
        return Optional.empty();
      }
    }
    return Optional.empty();
  }

  private Optional<String> owner(String inode) {
    String socket = "socket:[" + inode + "]";
    return replicas.get().stream()
        .filter(it -> it.pid().isPresent() && has(it.pid().getAsLong(), socket))
        .map(LocalReplica::pod)
        .findFirst();
  }

  private static boolean has(long pid, String socket) {
    try (Stream<Path> files = Files.list(Path.of("/proc", Long.toString(pid), "fd"))) {
      return files.anyMatch(file -> leadsTo(file, socket));
    } catch (IOException e) {
      return false; // It has just ended.
    }
  }

  private static boolean leadsTo(Path file, String socket) {
    try {
      return Files.readSymbolicLink(file).toString().equals(socket);
    } catch (IOException e) {
      return false; // Closed since it was listed.
    }
  }
}
