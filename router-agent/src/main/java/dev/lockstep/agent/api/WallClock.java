package dev.lockstep.agent.api;

import dev.lockstep.core.protocol.NanoTime;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * Turns monotonic moments into text for people. The two clocks are compared once, so that one
 * moment always gives one text and unchanged answers keep their ETag; nothing is decided by it.
 *
 * @param origin wall clock time of the comparison
 * @param at monotonic time of the same moment
 */
record WallClock(Instant origin, NanoTime at) {

  /** {@return ISO 8601 text with milliseconds, UTC} */
  String text(NanoTime moment) {
    return origin.plus(moment.since(at)).truncatedTo(ChronoUnit.MILLIS).toString();
  }
}
