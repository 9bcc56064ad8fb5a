package dev.lockstep.bench.overload;

import dev.lockstep.bench.load.HttpConnection;
import dev.lockstep.bench.load.Load;
import dev.lockstep.bench.load.Reply;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.Locale;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Asks a replica again and again whether it is ready, as a kubelet does, and under which epoch it
 * leads. Thread-safe once it is stopped.
 */
final class ControlWatch implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(1); // The manifest's time-out.
  private static final Duration BETWEEN = Duration.ofMillis(50);
  private static final Pattern EPOCH = Pattern.compile("\"epoch\"\\s*:\\s*(\\d+)");

  private final URI api;
  private final Thread thread;
  private final TreeSet<String> epochs = new TreeSet<>();
  private int asked;
  private int notReady;
  private long longest;
  private volatile boolean stopped;

  private ControlWatch(URI api) {
    this.api = api;
    this.thread = Thread.ofPlatform().name("control-watch").unstarted(this::run);
  }

  /** Begins to ask this replica. */
  static ControlWatch start(URI api) {
    ControlWatch watch = new ControlWatch(api);
    watch.thread.start();
    return watch;
  }

  /**
   * What it saw.
   *
   * @param asked how often it asked whether the replica is ready
   * @param notReady how often the answer was not yes, or did not come in a second
   * @param longestMillis the longest answer
   * @param epochs that the replica led under: more than one means that it lost the Lease
   */
  record Seen(int asked, int notReady, double longestMillis, int epochs) {
    boolean steady() {
      return asked > 0 && notReady == 0 && epochs == 1;
    }

    String text() {
      return String.format(
          Locale.ROOT,
          "%d of %d, longest %.0f ms, epochs %d",
          asked - notReady,
          asked,
          longestMillis,
          epochs);
    }
  }

  /** Stops, and {@return what it saw}. */
  Seen stop() throws InterruptedException {
    stopped = true;
    thread.join();
    return new Seen(asked, notReady, longest / 1e6, epochs.size());
  }

  @Override
  public void close() {
    stopped = true;
  }

  private void run() {
    byte[] ready = HttpConnection.request("GET", api.getAuthority(), "/readyz");
    byte[] leader = HttpConnection.request("GET", api.getAuthority(), "/v1/leader");
    for (long due = System.nanoTime(); !stopped; due += BETWEEN.toNanos()) {
      Load.awaitTime(due);
      asked++;
      long begin = System.nanoTime();
      // A connection of its own each time: that is what a probe does.
      try (HttpConnection connection = HttpConnection.open(api, PATIENCE)) {
        Reply reply = connection.exchange(ready);
        notReady += reply.status() == 200 ? 0 : 1;
        longest = Math.max(longest, reply.endedAt() - begin);
        Matcher epoch = EPOCH.matcher(connection.exchange(leader).body());
        epochs.add(epoch.find() ? epoch.group(1) : "none");
      } catch (UncheckedIOException e) {
        notReady++;
      }
    }
  }
}
