package dev.lockstep.local.kubelet;

import dev.lockstep.local.cluster.Kubeconfig;
import java.net.URI;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Decides by which ways a replica and the rest of the world reach each other, so that something can
 * be put in between.
 */
@FunctionalInterface
public interface Wiring {
  /**
   * {@return the ways of a new pod}
   *
   * @param pod its name
   * @param plain the ways with nothing in between
   */
  Wires wire(String pod, Wires plain);

  /** {@return nothing in between} */
  static Wiring direct() {
    return (pod, plain) -> plain;
  }

  /**
   * The ways of one pod.
   *
   * @param server where it finds the API server
   * @param mesh where other replicas find its mesh port
   * @param api where other replicas find its API
   * @param environment variables of its process
   */
  record Wires(Kubeconfig server, URI mesh, URI api, Map<String, String> environment) {
    /** Copies the variables and keeps their order. */
    public Wires {
      environment = Collections.unmodifiableMap(new LinkedHashMap<>(environment));
    }
  }
}
