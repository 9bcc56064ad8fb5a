package dev.lockstep.chaos.deployed;

import dev.lockstep.chaos.workload.Workload;
import dev.lockstep.local.SampleObjects;
import dev.lockstep.local.cluster.Manifest;
import dev.lockstep.local.process.Await;
import dev.lockstep.local.process.Progress;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Lockstep in a cluster that had none, put there by this run and taken away by it. */
public final class Installation implements AutoCloseable {
  private static final Duration REMOVAL = Duration.ofSeconds(150);

  private final KubernetesClient client;
  private final Manifest manifest;
  private final Progress progress;
  private volatile boolean applied;

  /** Applies nothing yet. The client is closed with it. */
  public Installation(KubernetesClient client, Manifest manifest, Progress progress) {
    this.client = client;
    this.manifest = manifest;
    this.progress = progress;
  }

  /** {@return the manifest as this run needs it} */
  public static Manifest manifest(Manifest plain, Optional<String> image, int replicas) {
    List<HasMetadata> objects = new ArrayList<>();
    for (HasMetadata object : plain.objects()) {
      objects.add(object instanceof Deployment it ? changed(it, image, replicas) : object);
    }
    return new Manifest(objects);
  }

  /**
   * Looks whether the cluster has anything of what this run would create, and touches nothing.
   *
   * @throws IllegalArgumentException with the text for the user
   */
  public void refuseIfPresent() {
    try {
      List<HasMetadata> ours = new ArrayList<>(manifest.objects());
      ours.add(SampleObjects.namespace(Workload.NAMESPACE));
      for (HasMetadata object : ours) {
        if (client.resource(object).get() != null) {
          throw new IllegalArgumentException(
              "--kubeconfig: %s %s exists in that cluster (expected: no Lockstep and no namespace"
                      .formatted(object.getKind(), object.getMetadata().getName())
                  + " \""
                  + Workload.NAMESPACE
                  + "\" in it; nothing was touched)");
        }
      }
    } catch (KubernetesClientException e) {
      throw new IllegalArgumentException("--kubeconfig: cannot ask that cluster: " + reason(e), e);
    }
  }

  /** Creates the namespace of the routes and their backends. */
  public void createNamespace() {
    applied = true;
    client.resource(SampleObjects.namespace(Workload.NAMESPACE)).create();
  }

  /** Applies the manifest. */
  public void apply() {
    manifest.apply(client);
  }

  @Override
  public void close() {
    try (client) {
      if (applied) {
        remove();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void remove() throws InterruptedException {
    progress.say("removing what was applied");
    client.namespaces().withName(Workload.NAMESPACE).delete();
    manifest.delete(client);
    Await.until(
        REMOVAL,
        "namespaces %s and %s gone".formatted(Workload.NAMESPACE, RouterPods.NAMESPACE),
        () ->
            client.namespaces().withName(Workload.NAMESPACE).get() == null
                && client.namespaces().withName(RouterPods.NAMESPACE).get() == null);
    progress.say("removed");
  }

  /** What the client says of it has only what was asked; why it failed is in its cause. */
  private static String reason(KubernetesClientException e) {
    return e.getMessage() + (e.getCause() == null ? "" : " " + e.getCause());
  }

  private static Deployment changed(Deployment plain, Optional<String> image, int replicas) {
    DeploymentBuilder builder = new DeploymentBuilder(plain);
    var container =
        builder.editSpec().withReplicas(replicas).editTemplate().editSpec().editFirstContainer();
    container.addToArgs("--version-header=on");
    image.ifPresent(container::withImage);
    return container.endContainer().endSpec().endTemplate().endSpec().build();
  }
}
