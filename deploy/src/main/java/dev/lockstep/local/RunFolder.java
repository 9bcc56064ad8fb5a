package dev.lockstep.local;

import dev.lockstep.local.process.ScratchFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The folder of one run: nobody else's while the run lasts. Confined to one thread. */
final class RunFolder implements AutoCloseable {
  /** What a run writes; the remains of an earlier one go away first. */
  private static final List<String> OURS = List.of("cluster", "pods", "logs", "local.json");

  private final Path path;
  private final FileChannel lock;
  private boolean remove;

  private RunFolder(Path path, FileChannel lock, boolean remove) {
    this.path = path;
    this.lock = lock;
    this.remove = remove;
  }

  /** {@return the folder that the user named, or a new temporary one} */
  static RunFolder open(Optional<Path> named, Map<String, String> environment) {
    try {
      Path path = named.isPresent() ? named.get() : temporary(environment);
      Files.createDirectories(
          path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      FileChannel channel =
          FileChannel.open(
              path.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      FileLock lock = channel.tryLock();
      if (lock == null) {
        throw new IllegalArgumentException("--dir: " + path + " (expected: not in use)");
      }
      for (String each : OURS) {
        ScratchFolder.delete(path.resolve(each));
      }
      return new RunFolder(path, channel, named.isEmpty());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot use the folder of the run", e);
    }
  }

  Path path() {
    return path;
  }

  /** Leaves the folder in place at the end: somebody will want to read the logs. */
  void keep() {
    remove = false;
  }

  @Override
  public void close() {
    try {
      if (remove) {
        ScratchFolder.delete(path);
      }
      lock.close();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot remove " + path, e);
    }
  }

  private static Path temporary(Map<String, String> environment) throws IOException {
    Path parent = Path.of(environment.getOrDefault("TMPDIR", "/tmp"));
    return Files.createTempDirectory(parent, "lockstep-local-");
  }
}
