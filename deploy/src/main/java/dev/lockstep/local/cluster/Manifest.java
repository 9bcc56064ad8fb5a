package dev.lockstep.local.cluster;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The objects of a manifest file, in its order.
 *
 * @param objects what it holds
 */
public record Manifest(List<HasMetadata> objects) {
  private static final String FIELD_MANAGER = "lockstep-local";

  /** Copies the list. */
  public Manifest {
    objects = List.copyOf(objects);
  }

  /** {@return the objects of this file} */
  public static Manifest read(Path file, KubernetesClient client) {
    try (InputStream in = Files.newInputStream(file)) {
      return new Manifest(client.load(in).items());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }

  /** Applies the objects one after the other, server-side, as their only owner. */
  public void apply(KubernetesClient client) {
    for (HasMetadata object : objects) {
      client.resource(object).fieldManager(FIELD_MANAGER).forceConflicts().serverSideApply();
    }
  }

  /** {@return the same without its Deployment, for a cluster that would start its pods itself} */
  public Manifest withoutDeployment() {
    return new Manifest(
        objects.stream().filter(object -> !(object instanceof Deployment)).toList());
  }

  /** Deletes the objects, the last one first. */
  public void delete(KubernetesClient client) {
    client.resourceList(objects.reversed().toArray(HasMetadata[]::new)).delete();
  }

  /** {@return its Deployment} */
  public Deployment deployment() {
    return objects.stream()
        .filter(Deployment.class::isInstance)
        .map(Deployment.class::cast)
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("manifest: no Deployment in it"));
  }
}
