package dev.lockstep.local.cluster;

import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * Where {@link BinaryFinder} may look.
 *
 * @param assets a folder that the user names, {@code $KUBEBUILDER_ASSETS}
 * @param cache our own folder, {@code $LOCKSTEP_CACHE} or {@code ~/.cache/lockstep}
 * @param index the list of published test binaries
 * @param tools the folder of the Go modules that pin the versions to build
 * @param path the folders in which {@code go} may be
 */
public record BinarySources(Optional<Path> assets, Path cache, URI index, Path tools, String path) {

  /** The list that controller-runtime's own test environment downloads from. */
  private static final String INDEX =
      "https://raw.githubusercontent.com/kubernetes-sigs/controller-tools/HEAD/"
          + "envtest-releases.yaml";

  /** {@return the sources that these variables name, with tools in the given folder} */
  public static BinarySources of(Map<String, String> environment, Path tools) {
    String home = environment.getOrDefault("HOME", System.getProperty("user.home"));
    String cache = environment.getOrDefault("LOCKSTEP_CACHE", home + "/.cache/lockstep");
    return new BinarySources(
        Optional.ofNullable(environment.get("KUBEBUILDER_ASSETS")).map(Path::of),
        Path.of(cache).toAbsolutePath(),
        URI.create(environment.getOrDefault("LOCKSTEP_ENVTEST_INDEX", INDEX)),
        tools.toAbsolutePath(),
        environment.getOrDefault("PATH", "/usr/local/go/bin:/usr/bin:/bin"));
  }
}
