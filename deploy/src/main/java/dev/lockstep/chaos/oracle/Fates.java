package dev.lockstep.chaos.oracle;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What was done to the processes, by whoever did it: a request that fails because its process was
 * killed or long paused is not the router's fault.
 *
 * <p>Killed: from the SIGKILL until the next process of the pod says that it takes requests.
 * Paused: from the SIGSTOP until the process, awake again, has said so for a while; pauses below
 * the fence time excuse nothing, for then a request must succeed, if late. Thread-safe.
 */
public final class Fates implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(100);
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  /** A process that was paused may say that it is ready before it has noticed. */
  private static final int YES_AFTER_PAUSE = 15;

  /** One that was started says so no sooner than all of its event loops take requests. */
  private static final int YES_AFTER_START = 1;

  private final Journal journal;
  private final Map<String, List<Span>> spans = new ConcurrentHashMap<>();
  private volatile boolean closed;

  /** Why a request may fail. */
  public enum Excuse {
    /** Its process got SIGKILL. */
    KILLED,
    /** Its process got SIGSTOP, for about the fence time or longer. */
    PAUSED
  }

  /** A time in which requests to a pod are excused. Ends once. */
  public final class Span {
    private final String pod;
    private final Excuse excuse;
    private final long begin = System.nanoTime();
    private volatile long end = Long.MAX_VALUE;

    private Span(String pod, Excuse excuse) {
      this.pod = pod;
      this.excuse = excuse;
    }

    private boolean covers(long from, long to) {
      return begin <= to && from <= end;
    }

    /** Ends it as soon as the replica at this address says that it takes requests. */
    public void endWhenReady(URI api) {
      Thread.ofVirtual().name("fate " + pod).start(() -> awaitReady(api));
    }

    /** Ends it now. */
    public void end() {
      end = System.nanoTime();
      journal.note("fate", pod + " no longer " + excuse);
    }

    private void awaitReady(URI api) {
      int needed = excuse == Excuse.PAUSED ? YES_AFTER_PAUSE : YES_AFTER_START;
      int yes = 0;
      try {
        while (yes < needed && !closed) {
          Thread.sleep(POLL);
          yes = ready(api) ? yes + 1 : 0;
        }
        end();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Knows of nothing yet. */
  public Fates(Journal journal) {
    this.journal = journal;
  }

  /** Notes, BEFORE it is done, what is done to a pod's process. */
  public Span begin(String pod, Excuse excuse) {
    Span span = new Span(pod, excuse);
    spans.computeIfAbsent(pod, it -> new ArrayList<>());
    List<Span> own = spans.get(pod);
    synchronized (own) {
      own.add(span);
    }
    return span;
  }

  /** {@return why a request may have failed that was under way in this time, if it may} */
  public Optional<Excuse> excuse(String pod, long from, long to) {
    List<Span> own = spans.getOrDefault(pod, List.of());
    synchronized (own) {
      return own.stream().filter(it -> it.covers(from, to)).map(it -> it.excuse).findFirst();
    }
  }

  @Override
  public void close() {
    closed = true;
  }

  private static boolean ready(URI api) {
    try (WebConnection connection = WebConnection.open(api, api.getHost(), PATIENCE)) {
      return connection.get(api.getAuthority(), "/readyz").status() == 200;
    } catch (IOException e) {
      return false;
    }
  }
}
