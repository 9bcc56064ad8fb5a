package dev.lockstep.chaos.link;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * What is wrong with the bytes from one replica to another, by the names of their pods.
 * Thread-safe.
 */
public final class LinkRules {
  private final List<Rule> rules = new CopyOnWriteArrayList<>();

  /** What happens to bytes. */
  enum Harm {
    /** They are held for half a second, piece by piece. */
    DELAY,
    /** They are held until the rule is gone, as the network repeats what it has lost. */
    STOP,
    /** The first half of a piece is passed on, and then the connection is reset. */
    RESET,
    /** They are passed on one by one. */
    ONE_BY_ONE
  }

  /**
   * Bytes that are harmed.
   *
   * @param from who sends them; empty text for anybody
   * @param to who shall get them; empty text for anybody
   * @param harm what happens to them
   */
  record Rule(String from, String to, Harm harm) {
    private boolean covers(Way way) {
      return (from.isEmpty() || from.equals(way.from)) && (to.isEmpty() || to.equals(way.to));
    }
  }

  /**
   * A direction of a connection.
   *
   * @param from who sends
   * @param to who receives
   */
  record Way(String from, String to) {
    Way back() {
      return new Way(to, from);
    }

    @Override
    public String toString() {
      return from + " -> " + to;
    }
  }

  /** Sets rules; the same ones have to be cleared. */
  void set(List<Rule> more) {
    rules.addAll(more);
  }

  /** Clears rules. */
  void clear(List<Rule> gone) {
    gone.forEach(rules::remove);
  }

  /** {@return whether bytes that go this way are harmed so} */
  boolean harmed(Way way, Harm harm) {
    for (Rule rule : rules) {
      if (rule.harm == harm && rule.covers(way)) {
        return true;
      }
    }
    return false;
  }
}
