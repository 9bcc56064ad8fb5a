package dev.lockstep.agent.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** Files that nobody but this user may open: 0600 from their first moment, in a folder of 0700. */
final class PrivateFiles {
  private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
  private static final FileAttribute<Set<PosixFilePermission>> OWNER_FOLDER =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

  private PrivateFiles() {}

  /** Makes the folder if there is none; one that somebody mounted keeps its permissions. */
  static void folder(Path path) throws IOException {
    if (!Files.isDirectory(path)) {
      Files.createDirectories(path, OWNER_FOLDER);
    }
  }

  /** {@return a new empty file, whatever was there before} */
  static FileChannel create(Path path) throws IOException {
    Files.deleteIfExists(path);
    return FileChannel.open(
        path, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), OWNER_ONLY);
  }

  /** {@return the file, made if there is none} */
  static FileChannel openOrCreate(Path path) throws IOException {
    return FileChannel.open(
        path, Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE), OWNER_ONLY);
  }

  static void replace(Path path, byte[] content) throws IOException {
    try (FileChannel file = create(path)) {
      write(file, content, 0);
    }
  }

  /** Writes all of it: a single write may stop in the middle. */
  static void write(FileChannel file, byte[] content, long start) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(content);
    long at = start;
    while (buffer.hasRemaining()) {
      at += file.write(buffer, at);
    }
  }

  /** Readers see the old file or the whole new one. */
  static void moveInPlace(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
