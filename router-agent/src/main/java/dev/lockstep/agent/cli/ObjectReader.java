package dev.lockstep.agent.cli;

import dev.lockstep.core.config.ObjectKey;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.File;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads what the API server has of an object right now: the one thing the mesh is not asked. */
final class ObjectReader {
  private static final int TIMEOUT_MILLIS = 5000;

  private ObjectReader() {}

  /**
   * {@return the resourceVersion of the object as it stands; empty when there is no such object}
   *
   * @param kubeconfig a file, or absent for what kubectl would use
   * @throws CommandFailed when the API server cannot be asked
   */
  static Optional<Long> resourceVersion(ObjectKey object, Optional<File> kubeconfig) {
    Config found =
        kubeconfig.map(Config::fromKubeconfig).orElseGet(() -> Config.autoConfigure(null));
    Config config =
        new ConfigBuilder(found)
            .withRequestTimeout(TIMEOUT_MILLIS)
            .withConnectionTimeout(TIMEOUT_MILLIS)
            .withRequestRetryBackoffLimit(1)
            .build();
    try (KubernetesClient client = new KubernetesClientBuilder().withConfig(config).build()) {
      return Optional.ofNullable(read(client, object))
          .map(read -> Long.valueOf(read.getMetadata().getResourceVersion()));
    } catch (KubernetesClientException e) {
      throw new CommandFailed(
          ExitCode.UNREACHABLE,
          "the API server cannot be asked for "
              + object
              + ": "
              + firstLine(e)
              + " (give --resource-version, or --kubeconfig)");
    }
  }

  private static String firstLine(KubernetesClientException e) {
    Throwable cause = e.getCause() == null ? e : e.getCause();
    return String.valueOf(cause.getMessage()).lines().findFirst().orElse("no reason given");
  }

  private static @Nullable HasMetadata read(KubernetesClient client, ObjectKey object) {
    String namespace = object.namespace();
    String name = object.name();
    return switch (object.kind()) {
      case "Ingress" ->
          client.network().v1().ingresses().inNamespace(namespace).withName(name).get();
      case "Service" -> client.services().inNamespace(namespace).withName(name).get();
      case "Secret" -> client.secrets().inNamespace(namespace).withName(name).get();
      default ->
          client.discovery().v1().endpointSlices().inNamespace(namespace).withName(name).get();
    };
  }
}
