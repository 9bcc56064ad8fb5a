package dev.lockstep.kubernetes;

import dev.lockstep.agent.kubernetes.KubernetesSettings;
import dev.lockstep.agent.kubernetes.KubernetesShell;
import dev.lockstep.core.protocol.Event;
import dev.lockstep.local.cluster.ApiServer;
import dev.lockstep.local.cluster.BinariesMissing;
import dev.lockstep.local.cluster.BinaryFinder;
import dev.lockstep.local.cluster.BinarySources;
import dev.lockstep.local.process.Children;
import dev.lockstep.local.process.Ports;
import dev.lockstep.local.process.Progress;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.opentest4j.TestAbortedException;

/**
 * A kube-apiserver for all tests of this package. Where there is none, they are skipped with one
 * line; under CI that is a failure.
 *
 * @param server the API server
 * @param children its processes
 * @param admin may do everything
 * @param namespaces counts those handed out
 */
record LiveApi(
    ApiServer server, Children children, KubernetesClient admin, AtomicInteger namespaces)
    implements AutoCloseable {

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
    Children children = Children.open();
    Progress progress = new Progress(System.out);
    BinarySources sources = BinarySources.of(System.getenv(), root().resolve("deploy/local/tools"));
    try {
      var binaries = new BinaryFinder(sources, children, progress).find();
      Path folder = Files.createTempDirectory("lockstep-kubernetes");
      Ports ports = Ports.open(RandomGenerator.getDefault());
      ApiServer server =
          ApiServer.start(new ApiServer.Settings(binaries, folder, children, ports, progress));
      KubernetesClient admin = server.administrator("lockstep-test");
      return new LiveApi(server, children, admin, new AtomicInteger());
    } catch (BinariesMissing e) {
      children.close();
      if ("true".equals(System.getenv("CI"))) {
        throw e;
      }
      System.out.println("SKIPPED: no kube-apiserver and no way to get one (see deploy/local)");
      throw new TestAbortedException(e.getMessage());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path root() {
    Path here = Path.of("").toAbsolutePath();
    return Files.exists(here.resolve("deploy/pom.xml")) ? here : here.resolve("..").normalize();
  }

  /** {@return a namespace that no other test uses} */
  String newNamespace() {
    String name = "test-" + namespaces.incrementAndGet();
    admin
        .resource(new NamespaceBuilder().withNewMetadata().withName(name).endMetadata().build())
        .create();
    return name;
  }

  /** {@return a shell of an administrator for the mesh in this namespace} */
  KubernetesShell shell(String namespace, Consumer<Event> events) {
    return new KubernetesShell(settings(namespace, server.kubeconfig()), events);
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
    admin.close();
    server.close();
    children.close();
  }
}
