package dev.lockstep.local.kubelet;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * The command line of a replica on this machine: the arguments of the manifest's container, with
 * loopback addresses and files in the run's folder in their places.
 *
 * @param launcher the launcher script
 * @param pod whose process it is
 * @param ports where it listens alone
 * @param shared where it listens together with the others
 * @param files its folder
 * @param extras what is not the same on every machine
 */
record AgentCommand(
    Path launcher,
    PodName pod,
    ReplicaPorts ports,
    SharedPorts shared,
    PodFiles files,
    Extras extras) {

  /** What the leader takes tokens for. */
  static final String MESH_AUDIENCE = "lockstep.dev/mesh";

  /**
   * What is not the same on every machine.
   *
   * @param wires how others reach it
   * @param arguments at the end
   */
  record Extras(Wiring.Wires wires, List<String> arguments) {
    Extras {
      arguments = List.copyOf(arguments);
    }
  }

  /** {@return variables of the process} */
  Map<String, String> environment() {
    Map<String, String> environment = new LinkedHashMap<>();
    // The same Java for all: the one that runs us.
    environment.put("LOCKSTEP_JAVA_HOME", System.getProperty("java.home"));
    environment.putAll(extras.wires.environment());
    return environment;
  }

  /** {@return the program and its arguments} */
  List<String> arguments() {
    List<String> arguments = new ArrayList<>();
    arguments.add(launcher.toString());
    arguments.add("agent");
    arguments.add("--pod-name=" + pod.name());
    arguments.add("--pod-uid=" + pod.uid());
    arguments.add("--pod-namespace=" + pod.namespace());
    arguments.add("--node-name=" + LocalNode.NAME);
    arguments.add("--http-listen=" + listen(ports.http(), shared.http()));
    arguments.add("--https-listen=" + listen(ports.https(), shared.https()));
    arguments.add("--api-listen=127.0.0.1:" + ports.api());
    arguments.add("--mesh-listen=127.0.0.1:" + ports.mesh());
    arguments.add("--http-advertise=" + ports.httpAddress());
    arguments.add("--https-advertise=" + ports.httpsAddress());
    arguments.add("--api-advertise=" + extras.wires.api());
    arguments.add("--mesh-advertise=" + extras.wires.mesh());
    arguments.add("--state-dir=" + files.state());
    arguments.add("--state-key-file=" + files.stateKey());
    arguments.add("--kubeconfig=" + files.kubeconfig());
    arguments.add("--mesh-token-file=" + files.meshToken());
    arguments.add("--lease=lockstep");
    arguments.add("--lease-namespace=" + pod.namespace());
    arguments.add("--ingress-class=lockstep");
    arguments.add("--log-format=text");
    arguments.addAll(extras.arguments);
    return arguments;
  }

  private static String listen(int own, OptionalInt shared) {
    String address = "127.0.0.1:" + own;
    return shared.isPresent()
        ? address + ",127.0.0.1:" + shared.getAsInt() + "?reuseport"
        : address;
  }
}
