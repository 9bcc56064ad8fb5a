package dev.lockstep.local.process;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * What a run has started. Closed in the opposite order of its start, by whoever comes first: the
 * end of the program or Ctrl-C. Thread-safe.
 */
public final class Parts implements AutoCloseable {
  private final Progress progress;
  private final Deque<AutoCloseable> parts = new ArrayDeque<>(); // Guarded by this.
  private boolean closed; // Guarded by this.

  /** Holds nothing yet. */
  public Parts(Progress progress) {
    this.progress = progress;
  }

  /** {@return the same part, which is closed at the end, or now if the end has been} */
  public <T extends AutoCloseable> T keep(T part) {
    synchronized (this) {
      if (!closed) {
        parts.push(part);
        return part;
      }
    }
    closeOne(part);
    throw new IllegalStateException("stopped");
  }

  /** {@return whether the end has been: what fails from then on fails for that reason} */
  public synchronized boolean closed() {
    return closed;
  }

  @Override
  public synchronized void close() {
    closed = true;
    while (!parts.isEmpty()) {
      closeOne(parts.pop());
    }
  }

  private void closeOne(AutoCloseable part) {
    try {
      part.close();
    } catch (Exception e) {
      // The others must still be closed: this is a loop's top.
      progress.say("while stopping: " + e);
    }
  }
}
