package dev.lockstep.local.kubelet;

import java.util.OptionalInt;

/**
 * Loopback ports on which every replica listens at once; the kernel spreads the connections.
 *
 * @param http traffic in the clear, if any
 * @param https traffic over TLS, if any
 */
public record SharedPorts(OptionalInt http, OptionalInt https) {
  /** {@return no shared port: each replica has its own alone} */
  public static SharedPorts none() {
    return new SharedPorts(OptionalInt.empty(), OptionalInt.empty());
  }

  /** {@return these two} */
  public static SharedPorts of(int http, int https) {
    return new SharedPorts(OptionalInt.of(http), OptionalInt.of(https));
  }
}
