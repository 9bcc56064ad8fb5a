package dev.lockstep.agent.cli;

import java.io.PrintStream;
import java.util.Map;

/**
 * Where a command writes to.
 *
 * @param out answers, and nothing else
 * @param err everything else
 * @param ink whether people look at it
 */
public record Terminal(PrintStream out, PrintStream err, Ink ink) {

  /** Whether colours are used. */
  public enum Ink {
    PLAIN,
    COLOURED
  }

  /** {@return the terminal of this process; coloured only when it is one, and NO_COLOR is unset} */
  public static Terminal ofProcess(Map<String, String> environment) {
    boolean people =
        System.console() != null
            && System.console().isTerminal()
            && environment.getOrDefault("NO_COLOR", "").isEmpty();
    return new Terminal(System.out, System.err, people ? Ink.COLOURED : Ink.PLAIN);
  }

  /** {@return the state of a replica, in its colour: green is well, yellow waits, red is out} */
  String state(String state, String padded) {
    if (ink == Ink.PLAIN) {
      return padded;
    }
    int colour =
        switch (state) {
          case "leader", "in-sync" -> 32;
          case "lagging", "joining" -> 33;
          default -> 31;
        };
    return "\u001b[" + colour + "m" + padded + "\u001b[0m";
  }
}
