package dev.lockstep.bench;

import dev.lockstep.bench.load.Reply;
import java.util.ArrayList;
import java.util.List;

/**
 * What went wrong, and how often it was looked for. Confined to one thread.
 *
 * <p>A false open is a request that started after the barrier's answer was there and got the old
 * state: the one thing that must never be.
 */
final class Faults {
  private static final int MOST_TEXTS = 20;

  private final List<String> texts = new ArrayList<>();
  private long falseOpens;
  private long closedBarriers;
  private long unfinished;
  private long failedRequests;
  private long polls;
  private long checks;

  /** Counts what a replica served. */
  void count(String replica, Sighting sighting, Change change) {
    polls += sighting.polls();
    checks += sighting.checksAfterOpen();
    failedRequests += sighting.failures();
    if (sighting.failures() > 0) {
      say(change.text() + ": " + sighting.failures() + " wrong or lost answers of " + replica);
    }
    if (sighting.falseOpen()) {
      falseOpens++;
      say("FALSE OPEN: " + change.text() + ": old state of " + replica + " after the barrier");
    }
    if (sighting.liveAt().isEmpty()) {
      unfinished++;
      say(change.text() + ": not live on " + replica);
    }
  }

  /** Counts a barrier that did not open. */
  void countClosed(Change change, Reply reply) {
    closedBarriers++;
    say(change.text() + ": barrier: " + reply.status() + " " + reply.body());
  }

  /** {@return whether all is well} */
  boolean none() {
    return falseOpens + closedBarriers + unfinished + failedRequests == 0;
  }

  long falseOpens() {
    return falseOpens;
  }

  /** {@return barriers that answered anything but open} */
  long closedBarriers() {
    return closedBarriers;
  }

  /** {@return changes that were not seen on a replica in time} */
  long unfinished() {
    return unfinished;
  }

  /** {@return requests that got neither the old nor the new state} */
  long failedRequests() {
    return failedRequests;
  }

  /** {@return requests in all} */
  long polls() {
    return polls;
  }

  /** {@return requests that started after a barrier's answer} */
  long checks() {
    return checks;
  }

  /** {@return the first of them, in words} */
  List<String> texts() {
    return List.copyOf(texts);
  }

  private void say(String text) {
    if (texts.size() < MOST_TEXTS) {
      texts.add(text);
    }
  }
}
