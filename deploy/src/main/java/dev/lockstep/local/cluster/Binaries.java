package dev.lockstep.local.cluster;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The programs of a Kubernetes API. {@link BinaryFinder} says where they come from.
 *
 * @param apiServer kube-apiserver
 * @param etcd etcd
 * @param kubectl kubectl, for people and for tests of the manifest
 */
public record Binaries(Path apiServer, Path etcd, Path kubectl) {
  /** {@return the three programs of a folder, if it has them all} */
  static Optional<Binaries> in(Path folder) {
    Binaries found =
        new Binaries(
            folder.resolve("kube-apiserver"), folder.resolve("etcd"), folder.resolve("kubectl"));
    boolean complete =
        Files.isExecutable(found.apiServer)
            && Files.isExecutable(found.etcd)
            && Files.isExecutable(found.kubectl);
    return complete ? Optional.of(found) : Optional.empty();
  }
}
