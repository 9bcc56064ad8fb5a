package dev.lockstep.bench;

/**
 * One change that went through, measured from outside. All times in nanoseconds since the moment at
 * which the API server answered the write; a watch may be faster than that answer, so they may be
 * negative.
 *
 * @param change what was done
 * @param live until the last replica served it for the first time
 * @param barrier until the answer of the barrier was there
 * @param skew between the first and the last replica to serve it
 * @param put how long the API server took for a Lease PUT just before, from request to answer
 */
record Measured(Change change, long live, long barrier, long skew, long put) {
  /** {@return until it was live and the barrier had said so} */
  long both() {
    return Math.max(live, barrier);
  }
}
