package dev.lockstep.agent.storage;

import dev.lockstep.core.config.ConfigProblem;
import dev.lockstep.core.config.Snapshot;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The last known good config of this replica, in a folder of its own.
 *
 * <p>How it works: the newest file ({@link Generation}) begins with a whole snapshot; each further
 * version is appended as a delta, so an install costs as much as the change. An append without
 * {@code fsync} survives the process, not the machine: a machine that is lost comes back through
 * the API server. When the deltas outgrow the snapshot, {@link #tidy} starts a new file, written
 * under another name and then moved; the file before is kept. Whatever is damaged is passed over,
 * and an older file serves. Nothing here is ever fatal.
 *
 * <p>Its calls block. Confined to one thread.
 */
public final class SnapshotStore implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SnapshotStore.class);
  private static final String PREFIX = "snapshot-";
  private static final String SUFFIX = ".lkg";
  private static final int KEPT = 2;

  /** Below this, many small deltas cost less than a new file. */
  private static final long SMALL_LOG = 1 << 20;

  /** An install starts a new file by itself when nobody tidied up for so long. */
  private static final int NEGLECT = 8;

  private final Path folder;
  private final Path keyFile;
  // Null until the folder could be made and locked.
  private @Nullable FileLock lock;
  private @Nullable StateKey key;
  // Null until this process has written a file.
  private @Nullable GenerationLog log;
  // What a reader would find; null when it would find nothing, or nobody has looked yet.
  private @Nullable Snapshot newest;

  /**
   * A store in a folder, which is made when it is first needed.
   *
   * @param folder for this replica alone
   * @param keyFile with the 32 bytes that private keys are encrypted with; made if there is none
   */
  public SnapshotStore(Path folder, Path keyFile) {
    this.folder = folder;
    this.keyFile = keyFile;
  }

  /** {@return the newest snapshot that is whole; empty when there is none, for whatever reason} */
  public Optional<Snapshot> load() {
    try {
      StateKey ready = ready();
      for (Path file : files()) {
        Optional<Snapshot> snapshot = Generation.read(file, ready);
        if (snapshot.isPresent()) {
          newest = snapshot.get();
          return snapshot;
        }
        LOG.atWarn().addKeyValue("file", file).log("state ignored: damaged or of another key");
      }
    } catch (IOException e) {
      LOG.atWarn().addKeyValue("reason", reason(e)).log("no state could be read");
    }
    return Optional.empty();
  }

  /**
   * Makes a snapshot durable. When this returns {@link StoreOutcome.Durable}, a process that starts
   * after this one was killed loads it, or a newer one.
   *
   * @param snapshot to keep
   * @param base a snapshot from which the snapshot was made by changes; when it is the one on disk,
   *     only the changes are written
   */
  public StoreOutcome install(Snapshot snapshot, Optional<Snapshot> base) {
    if (newest != null && same(newest, snapshot)) {
      return new StoreOutcome.Durable();
    }
    try {
      Optional<GenerationLog> open = appendable(snapshot, base);
      if (open.isPresent()) {
        open.get().append(base.orElseThrow().deltaTo(snapshot));
      } else {
        startFile(snapshot);
      }
      newest = snapshot;
      return new StoreOutcome.Durable();
    } catch (IOException e) {
      return new StoreOutcome.Lost(new ConfigProblem("state " + folder, reason(e)));
    }
  }

  /**
   * Starts a new file when the deltas have outgrown the snapshot they are based on. Never needed
   * for durability: to be called when nobody waits.
   */
  public void tidy() {
    if (log == null || newest == null || log.deltaBytes() <= bound(log)) {
      return;
    }
    try {
      startFile(newest);
    } catch (IOException e) {
      LOG.atWarn().addKeyValue("reason", reason(e)).log("state not tidied");
    }
  }

  @Override
  public void close() {
    if (log != null) {
      log.close();
      log = null;
    }
    if (lock != null) {
      try {
        lock.acquiredBy().close();
      } catch (IOException e) {
        LOG.atDebug().setCause(e).log("lock not released");
      }
      lock = null;
    }
  }

  private Optional<GenerationLog> appendable(Snapshot snapshot, Optional<Snapshot> base) {
    boolean fits =
        newest != null
            && base.isPresent()
            && same(newest, base.get())
            && snapshot.version().isAfter(newest.version());
    return Optional.ofNullable(log)
        .filter(open -> fits && open.deltaBytes() <= NEGLECT * bound(open));
  }

  private static long bound(GenerationLog log) {
    return Math.max(SMALL_LOG, log.baseBytes());
  }

  private static boolean same(Snapshot a, Snapshot b) {
    return a.version().equals(b.version()) && a.digest().equals(b.digest());
  }

  /** The old file stays open, and in use, until the new one is in its place. */
  private void startFile(Snapshot base) throws IOException {
    StateKey ready = ready();
    List<Path> before = files();
    long number = before.isEmpty() ? 1 : number(before.getFirst()) + 1;
    Path path = folder.resolve(String.format(Locale.ROOT, "%s%016x%s", PREFIX, number, SUFFIX));
    GenerationLog started =
        GenerationLog.create(base, ready, folder.resolve("unfinished.tmp"), path);
    if (log != null) {
      log.close();
    }
    log = started;
    for (Path old : before.subList(Math.min(KEPT - 1, before.size()), before.size())) {
      Files.deleteIfExists(old);
    }
  }

  /** {@return the files of snapshots, newest first} */
  private List<Path> files() throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return all.filter(path -> number(path) > 0)
          .sorted(Comparator.comparingLong(SnapshotStore::number).reversed())
          .toList();
    }
  }

  /** {@return the number in a file's name; 0 for another file} */
  private static long number(Path path) {
    String name = String.valueOf(path.getFileName());
    if (!name.startsWith(PREFIX) || !name.endsWith(SUFFIX)) {
      return 0;
    }
    try {
      return Long.parseLong(name.substring(PREFIX.length(), name.length() - SUFFIX.length()), 16);
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  /** Two processes in one folder would delete each other's files: the second one is refused. */
  private StateKey ready() throws IOException {
    if (lock == null) {
      PrivateFiles.folder(folder);
      lock = locked(PrivateFiles.openOrCreate(folder.resolve("lock")));
    }
    if (key == null) {
      key = StateKey.in(keyFile);
    }
    return key;
  }

  private FileLock locked(FileChannel file) throws IOException {
    try {
      FileLock taken = file.tryLock();
      if (taken != null) {
        return taken;
      }
    } catch (OverlappingFileLockException e) {
      LOG.atDebug().setCause(e).log("locked by this process");
    }
    file.close();
    throw new IOException(folder + " is in use by another process");
  }

  private static String reason(IOException failure) {
    return failure.getClass().getSimpleName() + ": " + failure.getMessage();
  }
}
