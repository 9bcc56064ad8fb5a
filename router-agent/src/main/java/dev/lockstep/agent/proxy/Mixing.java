package dev.lockstep.agent.proxy;

/** Scrambles numbers. */
public final class Mixing {
  private Mixing() {}

  /**
   * {@return a number that tells nothing of this one, and of this one alone: each step can be
   * undone} The finalizer of SplitMix64 (Steele, Lea, Flood 2014).
   */
  public static long mix(long number) {
    long z = (number ^ (number >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
