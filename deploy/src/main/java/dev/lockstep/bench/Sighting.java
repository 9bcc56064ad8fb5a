package dev.lockstep.bench;

import dev.lockstep.bench.load.Reply;
import java.util.OptionalLong;

/**
 * What one replica served while one change went live.
 *
 * <p>Built by the replica's poller, confined to its thread until the poller hands it over.
 */
final class Sighting {
  private final Watch watch;
  private boolean live;
  private long liveAt;
  private boolean stale;
  private long lastStaleStart;
  private int polls;
  private int checksAfterOpen;
  private int odd;
  private int broken;

  Sighting(Watch watch) {
    this.watch = watch;
  }

  /** Notes one answer to a request that started then. */
  void note(long start, Reply reply) {
    polls++;
    Change.Sight sight = Change.Sight.of(reply);
    if (sight == watch.change().after()) {
      liveAt = live ? liveAt : reply.endedAt();
      live = true;
    } else if (sight == watch.change().before()) {
      stale = true;
      lastStaleStart = start;
    } else {
      odd++;
    }
    checksAfterOpen += watch.openBefore(start) ? 1 : 0;
  }

  /** Notes a request without an answer. */
  void noteBroken() {
    polls++;
    broken++;
  }

  /** {@return when the first answer with the new state was there; empty if none came} */
  OptionalLong liveAt() {
    return live ? OptionalLong.of(liveAt) : OptionalLong.empty();
  }

  /** {@return how many requests started after the barrier's answer} */
  int checksAfterOpen() {
    return checksAfterOpen;
  }

  /** {@return whether a request that started after the barrier's answer got the old state} */
  boolean falseOpen() {
    return stale && watch.openBefore(lastStaleStart);
  }

  /** {@return requests in all} */
  int polls() {
    return polls;
  }

  /** {@return requests with neither the old nor the new state, or with no answer} */
  int failures() {
    return odd + broken;
  }
}
