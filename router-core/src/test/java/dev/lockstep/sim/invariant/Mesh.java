package dev.lockstep.sim.invariant;

import dev.lockstep.core.config.Digest;
import dev.lockstep.core.config.ObjectKey;
import dev.lockstep.core.config.Version;
import dev.lockstep.core.protocol.ReplicaId;
import dev.lockstep.core.protocol.Timings;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What an all-seeing observer can look at between two happenings. */
public interface Mesh {

  /**
   * Shows every way in which a client's next request could be served right now: each event loop of
   * each process that some view of the endpoints still lists, and each event loop to which a client
   * still has an open connection.
   */
  void exposures(Exposure each);

  /** {@return nanoseconds since the world began, on a clock that no replica has} */
  long now();

  /** {@return the timings of the protocol} */
  Timings timings();

  /** {@return the newest revision of the API server} */
  long revision();

  /** {@return all writes of an object, oldest first} */
  List<ObjectWrite> writes(ObjectKey object);

  /**
   * {@return what a config serves: for each object the revision of the write that gave it the form
   * that is served}
   */
  Map<ObjectKey, Long> contents(Digest config);

  /** {@return the oldest version that an event loop of this process serves, if it still runs} */
  Optional<Version> served(ReplicaId replica);

  /** One way in which a request could be served. */
  @FunctionalInterface
  interface Exposure {
    /** Is called with the process, and the version that a request would meet. */
    void at(ReplicaId replica, Version served);
  }

  /**
   * One write of one object.
   *
   * @param revision at which it was committed
   * @param form what the object is since then
   * @param since revision of the write that gave it this content; less than {@code revision} for a
   *     write that changed nothing that matters
   */
  record ObjectWrite(long revision, Form form, long since) {}

  /** What routing should make of an object. */
  enum Form {
    ROUTED,
    IGNORED,
    QUARANTINED,
    /** Looks well, and no data plane can load it. */
    POISON,
    /** Routed; older builds do not know this kind of entry. */
    MODERN,
    DELETED
  }
}
