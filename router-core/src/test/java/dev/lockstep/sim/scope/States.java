package dev.lockstep.sim.scope;

import java.util.Arrays;

/**
 * Counts how many different numbers it has seen: 64-bit fingerprints of states, so two states that
 * share one are counted once. Thread-safe: each part has its own lock.
 */
final class States {

  private static final int PARTS = 64;

  private static final class Part {
    private long[] slots = new long[1024];
    private int used;

    synchronized void add(long number) {
      if (4 * used > 3 * slots.length) {
        long[] old = slots;
        slots = new long[2 * old.length];
        used = 0;
        Arrays.stream(old).filter(n -> n != 0).forEach(this::put);
      }
      put(number);
    }

    private void put(long number) {
      int mask = slots.length - 1;
      int at = (int) (number >>> 20) & mask;
      while (slots[at] != 0) {
        if (slots[at] == number) {
          return;
        }
        at = (at + 1) & mask;
      }
      slots[at] = number;
      used++;
    }

    synchronized int size() {
      return used;
    }
  }

  private final Part[] parts = new Part[PARTS];

  States() {
    Arrays.setAll(parts, i -> new Part());
  }

  void add(long fingerprint) {
    long number = fingerprint == 0 ? 1 : fingerprint;
    parts[(int) (number & (PARTS - 1))].add(number);
  }

  long count() {
    return Arrays.stream(parts).mapToLong(Part::size).sum();
  }
}
