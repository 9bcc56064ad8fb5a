package dev.lockstep.local.kubelet;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * What a container would have mounted.
 *
 * @param folder the pod's own folder, kept as long as the pod, across restarts of its process
 */
record PodFiles(Path folder) {
  static PodFiles create(Path folder) {
    FileAttribute<?> ownerOnly =
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    PodFiles files = new PodFiles(folder);
    try {
      Files.createDirectories(folder, ownerOnly);
      Files.createDirectories(files.state(), ownerOnly);
      Files.createDirectories(folder.resolve("key"), ownerOnly);
      return files;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot create " + folder, e);
    }
  }

  Path state() {
    return folder.resolve("state");
  }

  Path stateKey() {
    return folder.resolve("key").resolve("state.key");
  }

  Path kubeconfig() {
    return folder.resolve("kubeconfig");
  }

  Path meshToken() {
    return folder.resolve("mesh-token");
  }
}
