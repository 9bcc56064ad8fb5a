package dev.lockstep.chaos.api;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;

/** What is wrong on one replica's way to the API server. Thread-safe. */
final class ApiRules {
  private final List<Rule> rules = new CopyOnWriteArrayList<>();

  /** What happens to a request. */
  enum Harm {
    /** It is answered with 429 and Retry-After, and not passed on. */
    TOO_MANY(429, "TooManyRequests"),
    /** It is answered with 500, and not passed on. */
    BROKEN(500, "InternalError"),
    /** It is answered with 503, and not passed on. */
    UNAVAILABLE(503, "ServiceUnavailable"),
    /** It is passed on five seconds later. */
    SLOW(0, ""),
    /** Its connection is reset. */
    RESET(0, ""),
    /** It is lost, and so are bytes of answers that have begun; nobody is told. */
    SILENT(0, ""),
    /** A write is passed on, and its connection is reset when the answer comes. */
    ANSWER_LOST(0, ""),
    /** Watches stand, and bring nothing. */
    WATCH_STALLED(0, ""),
    /** A watch is answered with 410. */
    WATCH_GONE(410, "Expired");

    private final int status;
    private final String reason;

    Harm(int status, String reason) {
      this.status = status;
      this.reason = reason;
    }

    int status() {
      return status;
    }

    String reason() {
      return reason;
    }
  }

  /**
   * One thing that is wrong.
   *
   * @param harm what happens
   * @param share of the requests to which it happens, above 0, at most 1
   */
  record Rule(Harm harm, double share) {}

  void set(Rule rule) {
    rules.add(rule);
  }

  void clear(Rule rule) {
    rules.remove(rule);
  }

  /** {@return whether something of this kind is wrong now} */
  boolean has(Harm harm) {
    return rules.stream().anyMatch(it -> it.harm == harm);
  }

  /** {@return whether this happens to a request} */
  boolean hits(Harm harm) {
    return rules.stream()
        .anyMatch(it -> it.harm == harm && ThreadLocalRandom.current().nextDouble() < it.share);
  }
}
