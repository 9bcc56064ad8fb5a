package dev.lockstep.chaos.deployed;

import dev.lockstep.chaos.fault.FaultKind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What the user asked for that concerns a whole cluster.
 *
 * @param kubeconfig an administrator's; none for a run on this machine alone
 * @param image what the router's pods run; none for that of the manifest
 * @param backendImage what the backends run
 * @param commands what makes faults that no API can make, by the flag that named it, as words
 */
public record ClusterOptions(
    Optional<Path> kubeconfig,
    Optional<String> image,
    String backendImage,
    Map<String, List<String>> commands) {

  static final String KILL = "--kill";
  static final String PAUSE = "--pause";
  static final String RESUME = "--resume";
  static final String CUT = "--cut";
  static final String HEAL = "--heal";

  private static final Set<String> COMMANDS = Set.of(KILL, PAUSE, RESUME, CUT, HEAL);
  private static final String BACKEND_IMAGE = "registry.k8s.io/e2e-test-images/agnhost:2.53";

  /** Copies the commands. */
  public ClusterOptions {
    commands = Map.copyOf(commands);
  }

  /** {@return no cluster} */
  public static ClusterOptions none() {
    return new ClusterOptions(Optional.empty(), Optional.empty(), BACKEND_IMAGE, Map.of());
  }

  /** {@return whether a flag belongs here} */
  public static boolean takes(String flag) {
    return COMMANDS.contains(flag)
        || Set.of("--kubeconfig", "--image", "--backend-image").contains(flag);
  }

  /**
   * {@return the same with one more flag}
   *
   * @throws IllegalArgumentException with the text for the user
   */
  public ClusterOptions with(String flag, String value) {
    return switch (flag) {
      case "--kubeconfig" ->
          new ClusterOptions(Optional.of(readable(flag, value)), image, backendImage, commands);
      case "--image" -> new ClusterOptions(kubeconfig, Optional.of(value), backendImage, commands);
      case "--backend-image" -> new ClusterOptions(kubeconfig, image, value, commands);
      default -> {
        Map<String, List<String>> more = new LinkedHashMap<>(commands);
        more.put(flag, List.of(value.strip().split("\\s+")));
        yield new ClusterOptions(kubeconfig, image, backendImage, more);
      }
    };
  }

  /**
   * Looks whether all this goes together.
   *
   * @param chosen the kinds of faults that the user wants alone; all when it is empty
   * @throws IllegalArgumentException with the text for the user
   */
  public void check(List<FaultKind> chosen) {
    if (kubeconfig.isEmpty()) {
      if (!equals(none())) {
        throw new IllegalArgumentException(
            "--kubeconfig: missing (expected: a file, as an image"
                + " or a command for a cluster is given)");
      }
      Set<FaultKind> here = EnumSet.allOf(FaultKind.class);
      here.removeIf(FaultKind::onlyOnCluster);
      refuse(chosen, here);
      return;
    }
    together(PAUSE, RESUME);
    together(CUT, HEAL);
    Set<FaultKind> possible = EnumSet.copyOf(DeploymentFaults.KINDS);
    possible.addAll(NodeFaults.KINDS);
    possible.addAll(CommandFaults.kinds(commands.keySet()));
    possible.addAll(
        Set.of(FaultKind.LEASE_EDITED, FaultKind.LEASE_PUT_BACK, FaultKind.LEASE_DELETED));
    refuse(chosen, possible);
  }

  private void together(String one, String other) {
    if (commands.containsKey(one) != commands.containsKey(other)) {
      String missing = commands.containsKey(one) ? other : one;
      throw new IllegalArgumentException(
          "%s: missing (expected: %s and %s, or neither)".formatted(missing, one, other));
    }
  }

  private static void refuse(List<FaultKind> chosen, Set<FaultKind> possible) {
    for (FaultKind kind : chosen) {
      if (!possible.contains(kind)) {
        throw new IllegalArgumentException(
            "--faults: %s (expected: of what these options allow: %s)"
                .formatted(
                    kind.option(),
                    String.join(",", possible.stream().map(FaultKind::option).toList())));
      }
    }
  }

  private static Path readable(String flag, String value) {
    Path file = Path.of(value).toAbsolutePath();
    if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
      throw new IllegalArgumentException(flag + ": " + value + " (expected: a file)");
    }
    return file;
  }
}
