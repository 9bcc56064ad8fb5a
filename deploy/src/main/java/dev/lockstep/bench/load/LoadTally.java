package dev.lockstep.bench.load;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** How the requests of one client went. Thread-safe: one lock. */
public final class LoadTally {
  private static final int MOST_FAILURES = 1_000;
  private static final int LONGEST_TEXT = 120;

  private final List<Long> took = new ArrayList<>();
  private final List<String> failures = new ArrayList<>();
  private int open;
  private int failed;
  private int reopened;

  /** Counts a request that begins; returns false when there are too many already. */
  synchronized boolean begin(int most) {
    if (open >= most) {
      return false;
    }
    open++;
    return true;
  }

  /** Counts a right answer, so many nanoseconds after the request was due. */
  synchronized void succeed(long nanos) {
    open--;
    took.add(nanos);
  }

  /** Counts a request that was sent once more, over a new connection. */
  synchronized void reopen() {
    reopened++;
  }

  /** Counts a failure that ends a request. */
  synchronized void fail(String kind, String text) {
    open--;
    note(kind, text);
  }

  /** Counts a request that was never sent, because too many are open. */
  synchronized void refuse() {
    note("not-sent", "too many requests at once");
  }

  /** {@return how many right answers there were} */
  public synchronized int succeeded() {
    return took.size();
  }

  /** {@return how long right answers took; empty when there are none} */
  public synchronized Optional<Spread> spread() {
    return took.isEmpty() ? Optional.empty() : Optional.of(Spread.of(took));
  }

  /** {@return the first failures, a line for each} */
  public synchronized List<String> failures() {
    return List.copyOf(failures);
  }

  /** {@return the lines that say it all} */
  synchronized String text(URI target) {
    StringBuilder text = new StringBuilder();
    text.append(
        "load target=%s requests=%d failed=%d reopened=%d"
            .formatted(target, took.size() + failed, failed, reopened));
    spread()
        .ifPresent(
            it ->
                text.append(" p50=%.1f p99=%.1f max=%.1f".formatted(it.p50(), it.p99(), it.max())));
    text.append('\n');
    failures.forEach(failure -> text.append(failure).append('\n'));
    return text.toString();
  }

  private void note(String kind, String text) {
    failed++;
    if (failures.size() < MOST_FAILURES) {
      String line = text.strip().replaceAll("\\s+", " ");
      failures.add(
          "failure at=%d kind=%s %s"
              .formatted(
                  System.currentTimeMillis(),
                  kind,
                  line.substring(0, Math.min(LONGEST_TEXT, line.length()))));
    }
  }
}
