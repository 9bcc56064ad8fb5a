package dev.lockstep.agent.storage;

import dev.lockstep.agent.wire.ConfigCodec;
import dev.lockstep.core.config.Delta;
import dev.lockstep.core.config.Snapshot;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The newest file, open for more deltas. Only the process that made a file appends to it.
 *
 * <p>Invariant: up to {@code end} the file holds whole records, numbers 0 to {@code next - 1}.
 *
 * <p>Confined to the thread of its store.
 */
final class GenerationLog implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(GenerationLog.class);

  private final FileChannel file;
  private final StateKey key;
  private final byte[] head;
  private final long baseBytes;
  private long next = 1;
  private long end;

  private GenerationLog(FileChannel file, StateKey key, byte[] head, long end) {
    this.file = file;
    this.key = key;
    this.head = head;
    this.baseBytes = end;
    this.end = end;
  }

  /**
   * Writes a new file whole, and only then under its name.
   *
   * @param unfinished its name as long as it is not whole
   */
  static GenerationLog create(Snapshot base, StateKey key, Path unfinished, Path path)
      throws IOException {
    byte[] id = new byte[Generation.HEAD_BYTES - Generation.MAGIC.length];
    new SecureRandom().nextBytes(id);
    byte[] head = ByteBuffer.allocate(Generation.HEAD_BYTES).put(Generation.MAGIC).put(id).array();
    byte[] first = record(key, head, 0, ConfigCodec.encodeSnapshot(base));
    FileChannel file = PrivateFiles.create(unfinished);
    try {
      PrivateFiles.write(file, head, 0);
      PrivateFiles.write(file, first, head.length);
      PrivateFiles.moveInPlace(unfinished, path);
      return new GenerationLog(file, key, head, head.length + first.length);
    } catch (IOException e) {
      closeQuietly(file);
      deleteQuietly(unfinished);
      throw e;
    }
  }

  /** Appends; when it fails, the file holds what it held. */
  void append(Delta delta) throws IOException {
    byte[] record = record(key, head, next, ConfigCodec.encodeDelta(delta));
    try {
      PrivateFiles.write(file, record, end);
    } catch (IOException e) {
      // Readers ignore half a record; without it the disk has more room.
      truncateQuietly();
      throw e;
    }
    end += record.length;
    next++;
  }

  /** {@return how many bytes of deltas there are} */
  long deltaBytes() {
    return end - baseBytes;
  }

  /** {@return how many bytes the whole snapshot takes} */
  long baseBytes() {
    return baseBytes;
  }

  @Override
  public void close() {
    closeQuietly(file);
  }

  private static byte[] record(StateKey key, byte[] head, long number, byte[] plain) {
    byte[] sealed = key.seal(plain, Generation.place(head, number));
    return ByteBuffer.allocate(Generation.LENGTH_BYTES + sealed.length)
        .putInt(sealed.length)
        .put(sealed)
        .array();
  }

  private void truncateQuietly() {
    try {
      file.truncate(end);
    } catch (IOException e) {
      LOG.atDebug().setCause(e).log("half a record stays");
    }
  }

  private static void closeQuietly(FileChannel file) {
    try {
      file.close();
    } catch (IOException e) {
      LOG.atDebug().setCause(e).log("close failed");
    }
  }

  private static void deleteQuietly(Path path) {
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      LOG.atDebug().setCause(e).log("unfinished file stays");
    }
  }
}
