package dev.lockstep.agent.proxy.account;

import dev.lockstep.agent.proxy.Seeing;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lines about requests, written by one thread. Each event loop puts its lines into a ring of its
 * own; what does not fit is dropped and counted, so no request ever waits for a disk or a reader.
 * The thread looks into the rings some times per second, because waking it would cost the event
 * loops a system call.
 *
 * <p>Thread-safe; each ring is put into by its event loop alone.
 */
public final class AccessLog implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AccessLog.class);
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
  private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long FAREWELL_MILLIS = 2_000;

  /**
   * What became of lines; all only grow.
   *
   * @param written whole
   * @param dropped because too many waited already
   * @param failed because the file could not be written
   */
  public record Lines(long written, long dropped, long failed) {}

  private enum State {
    WRITES,
    BROKEN
  }

  private final List<ByteRing> rings;
  private final LogFile file;
  private final LongAdder written = new LongAdder();
  private final LongAdder dropped = new LongAdder();
  private final LongAdder failed = new LongAdder();
  private final Thread writer;
  private volatile boolean closing;
  private long lookedAt = System.nanoTime();
  private State state = State.WRITES;

  /**
   * Opens a log of so many event loops.
   *
   * @throws IllegalArgumentException if its file cannot be opened, with the name of the setting
   */
  static AccessLog open(Seeing.Log settings, int loops) {
    LogFile file = new LogFile(settings.file());
    try {
      file.open();
    } catch (IOException e) {
      String name = settings.file().map(Object::toString).orElse("stdout");
      throw new IllegalArgumentException(
          "access-log: " + name + " (cannot be opened: " + e.getMessage() + ")");
    }
    AccessLog log = new AccessLog(file, settings.bufferBytes(), loops);
    log.writer.start();
    return log;
  }

  private AccessLog(LogFile file, int bufferBytes, int loops) {
    this.file = file;
    this.rings = Stream.generate(() -> new ByteRing(bufferBytes)).limit(loops).toList();
    this.writer = Thread.ofPlatform().name("access-log").daemon().unstarted(this::run);
  }

  /** Puts a line, its end included; called by this event loop alone. */
  void put(int loop, byte[] line, int length) {
    if (!rings.get(loop).offer(line, length)) {
      dropped.increment();
    }
  }

  /** {@return what has become of all lines until now} */
  public Lines lines() {
    return new Lines(written.sum(), dropped.sum(), failed.sum());
  }

  private void run() {
    boolean last = false;
    while (!last) {
      // Read BEFORE the rings: what was put before the end is written.
      last = closing;
      boolean busy = writeWhatIsThere();
      lookAfterFile();
      if (!busy && !last) {
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    }
    file.close();
  }

  private boolean writeWhatIsThere() {
    boolean some = false;
    for (ByteRing ring : rings) {
      some |= file.isOpen() && write(ring);
    }
    return some;
  }

  /** Writes a ring up to what is its end now, so that lines of two rings never mix. */
  private boolean write(ByteRing ring) {
    ByteBuffer first = ring.readable();
    boolean some = first.hasRemaining();
    write(ring, first);
    boolean wraps = some && !endsLine(first);
    if (wraps) {
      write(ring, ring.readable());
    }
    return some;
  }

  private static boolean endsLine(ByteBuffer piece) {
    return piece.get(piece.limit() - 1) == '\n';
  }

  private void write(ByteRing ring, ByteBuffer piece) {
    int length = piece.remaining();
    int lines = 0;
    for (int i = piece.position(); i < piece.limit(); i++) {
      lines += piece.get(i) == '\n' ? 1 : 0;
    }
    try {
      file.write(piece);
      written.add(lines);
      tellOf(State.WRITES, "");
    } catch (IOException e) {
      failed.add(lines);
      file.close();
      tellOf(State.BROKEN, String.valueOf(e.getMessage()));
    }
    ring.release(length);
  }

  /** Says once when it breaks, and once when it works again. */
  private void tellOf(State now, String reason) {
    if (now == state) {
      return;
    }
    state = now;
    switch (now) {
      case WRITES -> LOG.info("Access log is written again");
      case BROKEN -> LOG.warn("Access log cannot be written reason={}", reason);
    }
  }

  /** Opens the file again after it was moved away, or could not be written. */
  private void lookAfterFile() {
    long now = System.nanoTime();
    if (now - lookedAt < LOOK_NANOS) {
      return;
    }
    lookedAt = now;
    file.closeIfMoved();
    if (!file.isOpen()) {
      try {
        file.open();
      } catch (IOException e) {
        LOG.debug("access log cannot be opened: reason={}", e.getMessage());
      }
    }
  }

  /** Writes what is there, if that is possible soon, and ends. */
  @Override
  public void close() {
    closing = true;
    LockSupport.unpark(writer);
    try {
      writer.join(FAREWELL_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
