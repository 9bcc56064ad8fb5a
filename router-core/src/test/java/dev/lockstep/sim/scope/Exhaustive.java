package dev.lockstep.sim.scope;

import java.util.Arrays;
import java.util.TreeMap;

/**
 * Goes through everything that a program can do, which asks here whenever it could go on in more
 * than one way. The program is run again and again, and no two runs get the same answers:
 *
 * <pre>{@code
 * Exhaustive choices = Exhaustive.all();
 * while (choices.next()) {
 *   run(choices);
 * }
 * }</pre>
 *
 * <p>How it works. The answers of the last run are kept together with their bounds. The next run
 * gets the same ones up to the last that can be raised, that one raised, and zeros from there on:
 * an odometer whose wheels are found on the way. What is asked may depend on what was answered, but
 * on nothing else. The idea is that of TigerBeetle's exhaustigen.
 */
final class Exhaustive implements Choices {

  private final int fixed;
  private int[] answers;
  private int[] bounds;
  private int kept;
  private int asked;
  private boolean begun;

  private Exhaustive(int[] prefix) {
    this.fixed = prefix.length;
    this.answers = Arrays.copyOf(prefix, Math.max(16, prefix.length));
    this.bounds = new int[answers.length];
    this.kept = prefix.length;
  }

  /** {@return all runs} */
  static Exhaustive all() {
    return new Exhaustive(new int[0]);
  }

  /**
   * {@return all runs whose first answer other than 0 is this one, to the question at this place}
   */
  static Exhaustive under(int place, int answer) {
    int[] prefix = new int[place + 1];
    prefix[place] = answer;
    return new Exhaustive(prefix);
  }

  /** Begins the next run; {@return whether there is one} */
  boolean next() {
    if (!begun) {
      begun = true;
      return true;
    }
    kept = asked;
    asked = 0;
    while (kept > fixed && answers[kept - 1] + 1 == bounds[kept - 1]) {
      kept--;
    }
    if (kept == fixed) {
      return false;
    }
    answers[kept - 1]++;
    return true;
  }

  @Override
  public int choose(int bound) {
    if (asked == answers.length) {
      answers = Arrays.copyOf(answers, 2 * asked);
      bounds = Arrays.copyOf(bounds, 2 * asked);
    }
    if (asked >= kept) {
      answers[asked] = 0;
    }
    if (answers[asked] >= bound) {
      throw new IllegalStateException(
          "question " + asked + ": " + bound + " ways now (expected: as many as before)");
    }
    bounds[asked] = bound;
    return answers[asked++];
  }

  /** {@return how many questions this run has asked} */
  int asked() {
    return asked;
  }

  /** {@return in how many ways the question at this place can be answered} */
  int bound(int place) {
    return bounds[place];
  }

  /** {@return what was answered in this run} */
  Placement placement() {
    TreeMap<Integer, Integer> other = new TreeMap<>();
    for (int i = 0; i < Math.max(asked, fixed); i++) {
      if (answers[i] != 0) {
        other.put(i, answers[i]);
      }
    }
    return new Placement(other);
  }
}
