package dev.lockstep.agent.mesh;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts, and logs what was refused, without letting a flood fill the log. Thread-safe. */
final class MeshTally {
  private static final Logger LOG = LoggerFactory.getLogger(MeshTally.class);
  private static final long PAUSE_NANOS = 5_000_000_000L;

  /** What is counted; the names are those of {@link MeshCounters}. */
  enum Count {
    ACCEPTED,
    TOKEN_REFUSED,
    TOKEN_UNCHECKED,
    BUSY,
    WRONG_POD,
    UNREADABLE,
    UNKNOWN_TYPE,
    UNSERVABLE,
    SLOW_READER,
    OVERSIZED,
    SILENT,
    PIN_MISMATCH,
    CONNECT_FAILURE,
    SNAPSHOT_SERVED,
    SNAPSHOT_FETCHED,
    SNAPSHOT_FAILURE
  }

  private record Cell(LongAdder total, AtomicLong lastLogged) {}

  private final Map<Count, Cell> cells = new EnumMap<>(Count.class);

  MeshTally() {
    long longAgo = System.nanoTime() - PAUSE_NANOS;
    for (Count count : Count.values()) {
      cells.put(count, new Cell(new LongAdder(), new AtomicLong(longAgo)));
    }
  }

  void add(Count count) {
    cell(count).total().increment();
  }

  /** Counts something that a person may want to know of, and logs the first one of a while. */
  void warn(Count count, String who, String reason) {
    Cell cell = cell(count);
    cell.total().increment();
    long now = System.nanoTime();
    long last = cell.lastLogged().get();
    if (now - last >= PAUSE_NANOS && cell.lastLogged().compareAndSet(last, now)) {
      LOG.atWarn()
          .addKeyValue("kind", count.name().toLowerCase(Locale.ROOT))
          .addKeyValue("who", who)
          .addKeyValue("reason", reason)
          .addKeyValue("total", cell.total().sum())
          .log("mesh refused");
    }
  }

  MeshCounters counters() {
    return new MeshCounters(
        sum(Count.ACCEPTED),
        sum(Count.TOKEN_REFUSED),
        sum(Count.TOKEN_UNCHECKED),
        sum(Count.BUSY),
        sum(Count.WRONG_POD),
        sum(Count.UNREADABLE),
        sum(Count.UNKNOWN_TYPE),
        sum(Count.UNSERVABLE),
        sum(Count.SLOW_READER),
        sum(Count.OVERSIZED),
        sum(Count.SILENT),
        sum(Count.PIN_MISMATCH),
        sum(Count.CONNECT_FAILURE),
        sum(Count.SNAPSHOT_SERVED),
        sum(Count.SNAPSHOT_FETCHED),
        sum(Count.SNAPSHOT_FAILURE));
  }

  private long sum(Count count) {
    return cell(count).total().sum();
  }

  private Cell cell(Count count) {
    Cell cell = cells.get(count);
    if (cell == null) {
      throw new IllegalStateException("count: " + count + " (expected: every one has a cell)");
    }
    return cell;
  }
}
