package dev.lockstep.agent.storage;

import dev.lockstep.agent.wire.ConfigCodec;
import dev.lockstep.agent.wire.DeltaReading;
import dev.lockstep.agent.wire.SnapshotReading;
import dev.lockstep.core.config.Delta;
import dev.lockstep.core.config.Snapshot;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/**
 * How one file is laid out, and what it holds: a whole snapshot, and the deltas that came after it.
 *
 * <pre>
 * file   := "LOCKSTP1" file-id(16 random bytes) record*
 * record := length(4 bytes, big endian) sealed(length bytes)
 * </pre>
 *
 * The first record seals a compressed snapshot, each further one a delta. What is sealed is bound
 * to its place (file id, number of the record), so records cannot be mixed up. Reading stops at the
 * first record that is cut, damaged, or does not fit: what came before it counts.
 *
 * <p>Invariant: the snapshot that reading yields has the digest that it claims.
 */
final class Generation {
  static final int HEAD_BYTES = 8 + 16;
  static final int LENGTH_BYTES = 4;
  static final byte[] MAGIC = "LOCKSTP1".getBytes(StandardCharsets.US_ASCII);

  private static final long MAX_FILE = 1L << 30;

  private Generation() {}

  /** {@return the newest snapshot in the file, empty when it holds none that is whole} */
  static Optional<Snapshot> read(Path file, StateKey key) throws IOException {
    if (Files.size(file) > MAX_FILE) {
      return Optional.empty();
    }
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file));
    if (bytes.remaining() < HEAD_BYTES || bytes.mismatch(ByteBuffer.wrap(MAGIC)) != MAGIC.length) {
      return Optional.empty();
    }
    byte[] head = new byte[HEAD_BYTES];
    bytes.get(head);
    Optional<Snapshot> newest = next(bytes, key, place(head, 0)).flatMap(Generation::snapshot);
    for (long number = 1; newest.isPresent(); number++) {
      Snapshot base = newest.get();
      Optional<Snapshot> later =
          next(bytes, key, place(head, number)).flatMap(delta -> after(base, delta));
      if (later.isEmpty()) {
        return newest;
      }
      newest = later;
    }
    return Optional.empty();
  }

  /** {@return what binds a record to its place} */
  static byte[] place(byte[] head, long number) {
    return ByteBuffer.allocate(HEAD_BYTES + Long.BYTES).put(head).putLong(number).array();
  }

  private static Optional<byte[]> next(ByteBuffer bytes, StateKey key, byte[] place) {
    if (bytes.remaining() < LENGTH_BYTES) {
      return Optional.empty();
    }
    int length = bytes.getInt();
    if (length < 0 || length > bytes.remaining()) {
      return Optional.empty();
    }
    int start = bytes.position();
    bytes.position(start + length);
    return key.open(Arrays.copyOfRange(bytes.array(), start, start + length), place);
  }

  private static Optional<Snapshot> snapshot(byte[] plain) {
    return switch (ConfigCodec.decodeSnapshot(plain)) {
      case SnapshotReading.Read read -> Optional.of(read.snapshot());
      case SnapshotReading.Unreadable ignored -> Optional.empty();
    };
  }

  private static Optional<Snapshot> after(Snapshot base, byte[] plain) {
    return switch (ConfigCodec.decodeDelta(plain)) {
      case DeltaReading.Read read -> after(base, read.delta());
      case DeltaReading.Unreadable ignored -> Optional.empty();
    };
  }

  private static Optional<Snapshot> after(Snapshot base, Delta delta) {
    if (!delta.base().equals(base.version())) {
      return Optional.empty();
    }
    return Optional.of(delta.applyTo(base)).filter(later -> later.digest().equals(delta.digest()));
  }
}
