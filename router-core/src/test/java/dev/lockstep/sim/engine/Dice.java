package dev.lockstep.sim.engine;

import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * Chance, decided by a seed. Each stream of a seed is independent of the others: what is drawn from
 * one does not change what another gives.
 */
public final class Dice {

  private final RandomGenerator random;

  /** Creates the stream with this number. */
  public Dice(long seed, long stream) {
    this(
        new SplittableRandom(
            Long.rotateLeft(mixed(seed, stream), 32) * 0xDA942042E4DD58B5L + seed));
  }

  /** Creates dice that fall as this says. */
  public Dice(RandomGenerator random) {
    this.random = random;
  }

  private static long mixed(long seed, long stream) {
    return seed * 0xD1342543DE82EF95L + stream * 0x9E3779B97F4A7C15L;
  }

  /** {@return a number from low to high, both included} */
  public long between(long low, long high) {
    return low >= high ? low : random.nextLong(low, high + 1);
  }

  /** {@return a number from 0 to below the bound} */
  public int below(int bound) {
    return random.nextInt(bound);
  }

  /** {@return true with this probability} */
  public boolean chance(double probability) {
    return probability > 0 && random.nextDouble() < probability;
  }

  /** {@return one of these} */
  @SafeVarargs
  public final <T> T oneOf(T... choices) {
    return choices[below(choices.length)];
  }
}
