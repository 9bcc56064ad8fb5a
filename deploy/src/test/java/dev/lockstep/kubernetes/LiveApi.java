package dev.lockstep.kubernetes;

import dev.lockstep.agent.kubernetes.KubernetesSettings;
import dev.lockstep.agent.kubernetes.KubernetesShell;
import dev.lockstep.core.protocol.Event;
import dev.lockstep.e2e.RealApi;
import dev.lockstep.local.cluster.ApiServer;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * A kube-apiserver for all tests of this package.
 *
 * @param api the API server
 * @param namespaces counts those handed out
 */
record LiveApi(RealApi api, AtomicInteger namespaces) implements AutoCloseable {

  /** Gives tests that ask for a {@link LiveApi} the one of this JVM. */
  static final class Shared implements ParameterResolver {
    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
      return parameter.getParameter().getType() == LiveApi.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
      // Closed by JUnit after the last test, because it is AutoCloseable.
      ExtensionContext.Store store = context.getRoot().getStore(Namespace.create(LiveApi.class));
      return store.getOrComputeIfAbsent("api", key -> start(), LiveApi.class);
    }
  }

  static LiveApi start() {
    return new LiveApi(RealApi.start(), new AtomicInteger());
  }

  ApiServer server() {
    return api.server();
  }

  KubernetesClient admin() {
    return api.client();
  }

  /** {@return a namespace that no other test uses} */
  String newNamespace() {
    String name = "test-" + namespaces.incrementAndGet();
    admin()
        .resource(new NamespaceBuilder().withNewMetadata().withName(name).endMetadata().build())
        .create();
    return name;
  }

  /** {@return a shell of an administrator for the mesh in this namespace} */
  KubernetesShell shell(String namespace, Consumer<Event> events) {
    return new KubernetesShell(settings(namespace, server().kubeconfig()), events);
  }

  /** {@return settings whose user agent no other test has} */
  static KubernetesSettings settings(String namespace, Path kubeconfig) {
    return new KubernetesSettings(
        Optional.of(kubeconfig),
        namespace,
        "replica-of-" + namespace,
        "lockstep",
        "lockstep",
        KubernetesSettings.STANDARD_POD_SELECTOR,
        "lockstep",
        Optional.of("apps.example.com"));
  }

  @Override
  public void close() {
    api.close();
  }
}
