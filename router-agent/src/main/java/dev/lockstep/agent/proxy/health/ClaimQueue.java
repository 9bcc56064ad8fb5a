package dev.lockstep.agent.proxy.health;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Who waits for a backend that has as many requests as it may have: bounded in number, and in time.
 *
 * <p>How it works: a queue is good while it takes up bursts, and bad when it stands. It stands if
 * even the luckiest of an interval waited longer than the target (CoDel: Nichols and Jacobson,
 * "Controlling Queue Delay", ACM Queue 2012; RFC 8289). A standing queue serves nobody sooner, so
 * as long as it stands, whoever has waited for the target is turned away at once; otherwise only
 * who has waited ten times as long. Packets are dropped one by one at a growing rate, because a
 * sender hears of it by each of them; clients here hear of it each for himself, so all go at once.
 *
 * <p>Invariant: in the order of arrival; nobody waits longer than ten targets. Confined to the
 * event loop; the clock is passed in.
 *
 * @param <T> who waits
 */
public final class ClaimQueue<T> {
  private static final long INTERVAL = TimeUnit.MILLISECONDS.toNanos(100);

  /** What anybody waits at most, in targets. */
  public static final int PATIENCE = 10;

  private record Waiting<T>(T claim, long since) {}

  private final Deque<Waiting<T>> waiting = new ArrayDeque<>();
  private final int most;
  private final long target;
  private long intervalBegan;
  private long leastWait = Long.MAX_VALUE; // In this interval.
  private boolean standing;

  /**
   * Nobody waits.
   *
   * @param most so many at a time; not negative
   * @param target what somebody may wait without harm; positive
   */
  public ClaimQueue(int most, Duration target) {
    this.most = most;
    this.target = target.toNanos();
  }

  /** {@return whether it waits now: false if there are too many already} */
  public boolean offer(T claim, long now) {
    if (waiting.size() >= most) {
      return false;
    }
    if (waiting.isEmpty()) {
      intervalBegan = now;
      leastWait = Long.MAX_VALUE;
      standing = false;
    }
    waiting.addLast(new Waiting<>(claim, now));
    return true;
  }

  /** {@return who has waited longest, and waits no more} */
  public Optional<T> poll(long now) {
    Waiting<T> first = waiting.pollFirst();
    if (first == null) {
      return Optional.empty();
    }
    observe(now - first.since, now);
    return Optional.of(first.claim);
  }

  /** {@return all whose time is up, and who wait no more; call it at {@link #deadline}} */
  public List<T> expire(long now) {
    List<T> gone = new ArrayList<>();
    Waiting<T> first = waiting.peekFirst();
    if (first != null) {
      observe(now - first.since, now);
    }
    while (first != null && now - first.since >= patience()) {
      gone.add(waiting.removeFirst().claim);
      first = waiting.peekFirst();
    }
    return gone;
  }

  /** Forgets somebody who has gone; {@return whether it waited} */
  public boolean remove(T claim) {
    return waiting.removeIf(it -> it.claim == claim);
  }

  /** {@return whether nobody waits} */
  public boolean isEmpty() {
    return waiting.isEmpty();
  }

  /** {@return how many wait} */
  public int size() {
    return waiting.size();
  }

  /** {@return when {@link #expire} has to look again; somebody must be waiting} */
  public long deadline() {
    long patienceEnds = waiting.getFirst().since + patience();
    long intervalEnds = intervalBegan + INTERVAL;
    // A standing queue can only get better, and that is nothing to be woken for.
    return standing || patienceEnds - intervalEnds < 0 ? patienceEnds : intervalEnds;
  }

  private long patience() {
    return standing ? target : PATIENCE * target;
  }

  private void observe(long wait, long now) {
    leastWait = Math.min(leastWait, wait);
    if (now - intervalBegan >= INTERVAL) {
      standing = leastWait > target;
      intervalBegan = now;
      leastWait = Long.MAX_VALUE;
    }
  }
}
