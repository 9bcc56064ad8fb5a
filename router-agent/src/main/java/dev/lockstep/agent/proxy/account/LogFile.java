package dev.lockstep.agent.proxy.account;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where lines end up: standard output, or a file that others may move away or cut at any time.
 * Confined to the thread that writes.
 */
final class LogFile implements AutoCloseable {
  private final Optional<Path> path;
  private @Nullable FileChannel channel;
  private @Nullable Object key;

  /** Writes to this file, or to standard output. */
  LogFile(Optional<Path> path) {
    this.path = path;
  }

  /** {@return whether there is something to write to} */
  boolean isOpen() {
    return channel != null;
  }

  void open() throws IOException {
    if (path.isEmpty()) {
      @SuppressWarnings("resource") // Standard output is not ours to close.
      FileOutputStream out = new FileOutputStream(FileDescriptor.out);
      channel = out.getChannel();
      return;
    }
    Path file = path.get();
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      // A pipe would block whoever opens it until somebody reads.
      throw new IOException("is not a regular file");
    }
    channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    key = keyOf(file);
  }

  /** {@return what tells the file from another one of the same name} */
  private static @Nullable Object keyOf(Path file) throws IOException {
    return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
  }

  /** Writes all of it; blocks. */
  void write(ByteBuffer bytes) throws IOException {
    FileChannel to = channel;
    if (to == null) {
      throw new IOException("is not open");
    }
    while (bytes.hasRemaining()) {
      to.write(bytes);
    }
  }

  /** Closes the file if it is not the one of that name any more; then it can be opened anew. */
  void closeIfMoved() {
    if (path.isPresent() && isOpen() && !isStillThere(path.get())) {
      close();
    }
  }

  private boolean isStillThere(Path file) {
    try {
      Object now = keyOf(file);
      return now == null || now.equals(key);
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public void close() {
    FileChannel open = channel;
    channel = null;
    if (open == null || path.isEmpty()) {
      return;
    }
    try {
      open.close();
    } catch (IOException e) {
      // What could not be written has been counted; there is nobody else to tell.
    }
  }
}
