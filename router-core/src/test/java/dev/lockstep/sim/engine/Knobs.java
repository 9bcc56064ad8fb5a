package dev.lockstep.sim.engine;

import dev.lockstep.core.protocol.Timings;

/**
 * What a seed can turn. Delays are upper bounds in nanoseconds; the lower bound is a tenth.
 *
 * @param replicas of the Deployment
 * @param timings of the protocol, the same for all replicas
 * @param networkDelay of one message between two replicas
 * @param apiDelay of one way between a replica and the API server
 * @param apiTimeout after which a shell gives a request up, without knowing its outcome
 * @param watchLag of watch events
 * @param endpointLag until a change of readiness has reached every client's view of the endpoints;
 *     less than the drain time: that is what the drain time is for
 * @param statusLag until the kubelet's report of a container has reached the API server
 * @param installTime of one install
 * @param restartPause until a container whose process ended runs again
 * @param clockDrift by how much a machine's clock may be off, in millionths
 * @param clients that keep connections
 */
public record Knobs(
    int replicas,
    Timings timings,
    long networkDelay,
    long apiDelay,
    long apiTimeout,
    long watchLag,
    long endpointLag,
    long statusLag,
    long installTime,
    long restartPause,
    long clockDrift,
    int clients) {

  /**
   * {@return how long a node may be silent before Kubernetes takes its pods out of traffic} Its
   * default of 50 s is to our default times as this is to these.
   */
  public long nodeGrace() {
    return timings.fenceTime().plus(timings.drainTime()).multipliedBy(5).dividedBy(2).toNanos();
  }

  /** {@return calm knobs: short delays, and an endpoint lag well below the drain time} */
  public static Knobs calm(int replicas, Timings timings) {
    return new Knobs(
        replicas,
        timings,
        Scheduler.millis(2),
        Scheduler.millis(4),
        timings.renewDeadline().toNanos() / 3,
        Scheduler.millis(20),
        timings.drainTime().toNanos() * 8 / 10,
        Scheduler.millis(500),
        Scheduler.millis(5),
        Scheduler.millis(500),
        200,
        3);
  }
}
