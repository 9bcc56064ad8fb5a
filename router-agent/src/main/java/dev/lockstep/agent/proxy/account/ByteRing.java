package dev.lockstep.agent.proxy.account;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Lines on their way from one thread to another, in memory of a fixed size. Who puts never waits: a
 * line that does not fit is not taken.
 *
 * <p>How it works: both sides count bytes for ever, and a byte's place is its number modulo the
 * size. Invariant: taken <= put <= taken + size. The putter alone moves {@code put}, BEHIND the
 * bytes; the taker alone moves {@code taken}, when it needs the bytes no more.
 *
 * <p>Thread-safe for one putter and one taker.
 */
final class ByteRing {
  private final byte[] bytes;
  private final AtomicLong put = new AtomicLong();
  private final AtomicLong taken = new AtomicLong();

  /** Makes one of this size, a power of two. */
  ByteRing(int size) {
    if (Integer.bitCount(size) != 1) {
      throw new IllegalArgumentException("size: " + size + " (expected: a power of two)");
    }
    bytes = new byte[size];
  }

  /** {@return whether these bytes were taken in, all of them} */
  boolean offer(byte[] line, int length) {
    long from = put.getPlain();
    if (length > bytes.length - (from - taken.getAcquire())) {
      return false;
    }
    int at = place(from);
    int first = Math.min(length, bytes.length - at);
    System.arraycopy(line, 0, bytes, at, first);
    System.arraycopy(line, first, bytes, 0, length - first);
    put.setRelease(from + length);
    return true;
  }

  /** {@return what can be read in one piece now; {@link #release} gives it back} */
  ByteBuffer readable() {
    long from = taken.getPlain();
    int length = (int) (put.getAcquire() - from);
    int at = place(from);
    return ByteBuffer.wrap(bytes, at, Math.min(length, bytes.length - at));
  }

  /** Lets so many bytes be written over. */
  void release(int length) {
    taken.setRelease(taken.getPlain() + length);
  }

  private int place(long number) {
    return (int) (number & (bytes.length - 1));
  }
}
