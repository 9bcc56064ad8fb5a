package dev.lockstep.chaos.workload;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLongArray;

/** How many questions of each kind were asked, and how they were answered. Thread-safe. */
public final class Questions {
  private final AtomicLongArray counts =
      new AtomicLongArray(Kind.values().length * Answer.values().length);
  private final List<Long> calmNanos = new CopyOnWriteArrayList<>();

  /** What is asked. */
  public enum Kind {
    /** Is what was written at this resourceVersion live? */
    PRESENT("present at rv"),
    /** Is the object, as it is now, live? */
    PRESENT_NOW("present now"),
    /** Is the object gone? */
    ABSENT("absent"),
    /** The whole model, when it is everywhere. */
    CONSISTENT("consistent"),
    /** Is this version everywhere? */
    VERSION("version");

    private final String label;

    Kind(String label) {
      this.label = label;
    }

    /** {@return its name for a report} */
    public String label() {
      return label;
    }
  }

  /** How it is answered. */
  public enum Answer {
    /** 200. */
    OPEN,
    /** 504. */
    LATE,
    /** 503. */
    UNKNOWN,
    /** 404 or 409: the object was changed meanwhile. */
    OTHER,
    /** No answer of the API. */
    NONE
  }

  Questions() {}

  void add(Kind kind, Answer answer) {
    counts.incrementAndGet(place(kind, answer));
  }

  /** Notes how long after a write its barrier opened, when there was no fault. */
  void calm(long nanos) {
    calmNanos.add(nanos);
  }

  /** {@return how many questions of a kind were answered so} */
  public long count(Kind kind, Answer answer) {
    return counts.get(place(kind, answer));
  }

  /** {@return how many questions of a kind were asked} */
  public long count(Kind kind) {
    long sum = 0;
    for (Answer answer : Answer.values()) {
      sum += count(kind, answer);
    }
    return sum;
  }

  private static int place(Kind kind, Answer answer) {
    return kind.ordinal() * Answer.values().length + answer.ordinal();
  }

  /** {@return the times from write to "open" without faults, rising, in nanoseconds} */
  public List<Long> calm() {
    return calmNanos.stream().sorted().toList();
  }
}
