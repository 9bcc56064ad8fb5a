package dev.lockstep.agent.proxy.account;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.stream.LongStream;

/**
 * The figures of one route on one event loop. One thread adds, with plain loads and stores that
 * others may read at any time: no figure is ever torn, and those of one request may be seen one
 * after the other.
 *
 * <p>Thread-safe for one writer.
 */
final class Tally {

  /** Upper bounds of the buckets of both histograms, in milliseconds; one more has no bound. */
  static final long[] BOUNDS_MILLIS = {
    1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000
  };

  static final int BUCKETS = BOUNDS_MILLIS.length + 1;

  /** Answers by the first digit of their status; the first counts those that got none. */
  static final int CODES = 6;

  private static final long[] BOUNDS_NANOS =
      LongStream.of(BOUNDS_MILLIS).map(TimeUnit.MILLISECONDS::toNanos).toArray();

  private static final int BYTES_IN = CODES;
  private static final int BYTES_OUT = BYTES_IN + 1;
  private static final int DURATION = BYTES_OUT + 1;
  private static final int FIRST_BYTE = DURATION + BUCKETS + 1;
  private static final int CELLS = FIRST_BYTE + BUCKETS + 1;

  private final AtomicLongArray cells = new AtomicLongArray(CELLS);

  /** Counts a request that is over, this many nanoseconds after it began. */
  void add(RequestRecord record, long nanos) {
    add(record.status() / 100, 1);
    add(BYTES_IN, record.bytesIn());
    add(BYTES_OUT, record.bytesOut());
    // A tunnel lasts as long as its ends like; among requests it would hide how they fare.
    if (!record.isTunnel()) {
      observe(DURATION, nanos);
    }
    if (record.isAnswered()) {
      observe(FIRST_BYTE, record.untilAnswered());
    }
  }

  private void observe(int histogram, long nanos) {
    int bucket = 0;
    while (bucket < BOUNDS_NANOS.length && nanos > BOUNDS_NANOS[bucket]) {
      bucket++;
    }
    add(histogram + bucket, 1);
    add(histogram + BUCKETS, nanos);
  }

  private void add(int cell, long amount) {
    cells.setOpaque(cell, cells.getPlain(cell) + amount);
  }

  long code(int hundreds) {
    return cells.getOpaque(hundreds);
  }

  long bytesIn() {
    return cells.getOpaque(BYTES_IN);
  }

  long bytesOut() {
    return cells.getOpaque(BYTES_OUT);
  }

  /** Adds its two histograms to these: a count per bucket, and the sum in nanoseconds behind. */
  void addTo(long[] duration, long[] firstByte) {
    for (int i = 0; i <= BUCKETS; i++) {
      duration[i] += cells.getOpaque(DURATION + i);
      firstByte[i] += cells.getOpaque(FIRST_BYTE + i);
    }
  }
}
