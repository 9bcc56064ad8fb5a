package dev.lockstep.local.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/**
 * A folder of the system's temporary place, removed at the end unless somebody will want to read
 * what is in it. Thread-safe.
 */
public final class ScratchFolder implements AutoCloseable {
  private final Path path;
  private boolean keep; // Guarded by this.

  private ScratchFolder(Path path) {
    this.path = path;
  }

  /** {@return a new folder whose name begins so} */
  public static ScratchFolder create(String prefix) {
    try {
      return new ScratchFolder(Files.createTempDirectory(prefix));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** {@return where it is} */
  public Path path() {
    return path;
  }

  /** Leaves it in place at the end, and says where. */
  public synchronized Path keep() {
    keep = true;
    return path;
  }

  @Override
  public synchronized void close() {
    if (!keep) {
      delete(path);
    }
  }

  /** Removes a file, or a folder with everything in it, if it is there. */
  public static void delete(Path path) {
    if (!Files.exists(path)) {
      return;
    }
    try (Stream<Path> files = Files.walk(path)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot remove " + path, e);
    }
  }
}
