package dev.lockstep.agent.proxy;

/** Whether requests are served. */
public enum Admission {
  /** Requests are routed. */
  ACCEPT,
  /** Every request is answered with 503, {@code Retry-After} and {@code Connection: close}. */
  REFUSE
}
