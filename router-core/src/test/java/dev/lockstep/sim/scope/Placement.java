package dev.lockstep.sim.scope;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * One run of an enumeration, as people write it: {@code 137=12,201=3} answers the questions at
 * these places so, and all others with 0. Nothing at all is written {@code none}.
 *
 * @param answers other than 0, by the place of their question
 */
record Placement(SortedMap<Integer, Integer> answers) {

  private static final String NONE = "none";

  /**
   * {@return the placement that is written so}
   *
   * @throws IllegalArgumentException when it is not a placement
   */
  static Placement parse(String text) {
    TreeMap<Integer, Integer> answers = new TreeMap<>();
    if (!text.equals(NONE)) {
      for (String answer : text.split(",")) {
        if (!answer.matches("\\d{1,9}=\\d{1,9}")) {
          throw new IllegalArgumentException(
              "placement: " + text + " (expected: none, or like 137=12,201=3)");
        }
        String[] words = answer.split("=");
        answers.put(Integer.parseInt(words[0]), Integer.parseInt(words[1]));
      }
    }
    return new Placement(answers);
  }

  /** {@return the choices of this run, once} */
  Choices choices() {
    return new Choices() {
      private int place;

      @Override
      public int choose(int bound) {
        int answer = answers.getOrDefault(place++, 0);
        if (answer >= bound) {
          throw new IllegalArgumentException(
              "placement: " + (place - 1) + "=" + answer + " (expected: less than " + bound + ")");
        }
        return answer;
      }
    };
  }

  @Override
  public String toString() {
    return answers.isEmpty()
        ? NONE
        : answers.entrySet().stream().map(Map.Entry::toString).collect(Collectors.joining(","));
  }
}
