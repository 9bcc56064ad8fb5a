package dev.lockstep.sim.engine;

import java.util.ArrayDeque;

/**
 * An ordered, reliable, delayed stream of deliveries: one direction of a connection, a watch, a
 * view of the endpoints. While it is held, nothing comes out; what was sent comes when it is
 * released, or never if it is closed first.
 */
public final class Pipe {

  private record Parcel(long arrival, Runnable delivery) {}

  private final Scheduler scheduler;
  private final ArrayDeque<Parcel> parcels = new ArrayDeque<>();
  private long lastArrival;
  private int holds;
  private boolean closed;

  /** Creates an open stream. */
  public Pipe(Scheduler scheduler) {
    this.scheduler = scheduler;
  }

  /** Sends something that takes so long, or longer if something slower is before it. */
  public void offer(long delay, Runnable delivery) {
    if (closed) {
      return;
    }
    lastArrival = Math.max(lastArrival, scheduler.now() + delay);
    parcels.add(new Parcel(lastArrival, delivery));
    if (holds == 0) {
      scheduler.at(lastArrival, this::flush);
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
        scheduler.at(parcel.arrival, this::flush);
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
    Parcel first = parcels.peek();
    if (holds == 0 && first != null && first.arrival <= scheduler.now()) {
      parcels.poll();
      first.delivery.run();
    }
  }
}
