package dev.lockstep.chaos.workload;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAdder;

/** How many questions of each kind were asked, and how they were answered. Thread-safe. */
public final class Questions {
  private final Map<Kind, Map<Answer, LongAdder>> counts = new EnumMap<>(Kind.class);
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

  Questions() {
    for (Kind kind : Kind.values()) {
      Map<Answer, LongAdder> row = new EnumMap<>(Answer.class);
      for (Answer answer : Answer.values()) {
        row.put(answer, new LongAdder());
      }
      counts.put(kind, row);
    }
  }

  void count(Kind kind, Answer answer) {
    counts.get(kind).get(answer).increment();
  }

  /** Notes how long after a write its barrier opened, when there was no fault. */
  void calm(long nanos) {
    calmNanos.add(nanos);
  }

  /** {@return how many questions of a kind were answered so} */
  public long count(Kind kind, Answer answer, Answer... more) {
    long sum = counts.get(kind).get(answer).sum();
    for (Answer other : more) {
      sum += counts.get(kind).get(other).sum();
    }
    return sum;
  }

  /** {@return the times from write to "open" without faults, rising, in nanoseconds} */
  public List<Long> calm() {
    return calmNanos.stream().sorted().toList();
  }
}
