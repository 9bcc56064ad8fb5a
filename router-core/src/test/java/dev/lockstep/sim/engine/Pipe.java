package dev.lockstep.sim.engine;

import java.util.ArrayDeque;
import java.util.List;

/**
 * An ordered, reliable, delayed stream of deliveries: one direction of a connection, a watch, a
 * view of the endpoints. While it is held, nothing comes out; what was sent comes when it is
 * released, or never if it is closed first.
 */
public final class Pipe {

  private record Parcel(long arrival, Runnable delivery) {}

  /** What is behind the first parcel cannot overtake it, so it is put off as well. */
  private final class Flush implements Arrival {
    @Override
    public void run() {
      flush();
    }

    @Override
    public boolean postpone(Scheduler clock, long until) {
      if (!isDue()) {
        return false;
      }
      lastArrival = Math.max(lastArrival, until);
      List<Parcel> waiting = List.copyOf(parcels);
      parcels.clear();
      for (Parcel parcel : waiting) {
        Parcel later = new Parcel(Math.max(parcel.arrival, until), parcel.delivery);
        parcels.add(later);
        clock.at(later.arrival, this);
      }
      return true;
    }

    @Override
    public long slack() {
      return slack;
    }
  }

  private final Scheduler scheduler;
  private final long slack;
  private final ArrayDeque<Parcel> parcels = new ArrayDeque<>();
  private final Flush flush = new Flush();
  private long lastArrival;
  private int holds;
  private boolean closed;

  /** Creates an open stream. */
  public Pipe(Scheduler scheduler) {
    this(scheduler, Long.MAX_VALUE);
  }

  /** Creates an open stream whose parcels can be put off by so much at most. */
  public Pipe(Scheduler scheduler, long slack) {
    this.scheduler = scheduler;
    this.slack = slack;
  }

  /** Sends something that takes so long, or longer if something slower is before it. */
  public void offer(long delay, Runnable delivery) {
    if (closed) {
      return;
    }
    lastArrival = Math.max(lastArrival, scheduler.now() + delay);
    parcels.add(new Parcel(lastArrival, delivery));
    if (holds == 0) {
      scheduler.at(lastArrival, flush);
    }
  }

  /** Lets nothing out until released as often. */
  public void hold() {
    holds++;
  }

  /** Undoes one hold. */
  public void release() {
    holds--;
    if (holds == 0 && !parcels.isEmpty()) {
      for (Parcel parcel : parcels) {
        scheduler.at(parcel.arrival, flush);
      }
    }
  }

  /** Forgets the newest parcels that have not arrived, so many at most. */
  public void truncate(int most) {
    for (int i = 0; i < most && !parcels.isEmpty(); i++) {
      parcels.removeLast();
    }
  }

  /** Forgets everything that has not arrived. */
  public void clear() {
    parcels.clear();
  }

  /** Forgets everything, now and for ever. */
  public void close() {
    closed = true;
    parcels.clear();
  }

  /** One delivery at a time, so that the invariants look at the world in between. */
  private void flush() {
    if (isDue()) {
      parcels.remove().delivery.run();
    }
  }

  private boolean isDue() {
    Parcel first = parcels.peek();
    return holds == 0 && first != null && first.arrival <= scheduler.now();
  }

  /** {@return how many parcels have not arrived} */
  public int size() {
    return parcels.size();
  }
}
