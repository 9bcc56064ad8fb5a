package dev.lockstep.e2e;

import dev.lockstep.local.cluster.ApiServer;
import dev.lockstep.local.cluster.Binaries;
import dev.lockstep.local.cluster.BinariesMissing;
import dev.lockstep.local.cluster.BinaryFinder;
import dev.lockstep.local.cluster.BinarySources;
import dev.lockstep.local.cluster.Kubeconfig;
import dev.lockstep.local.cluster.Manifest;
import dev.lockstep.local.process.Children;
import dev.lockstep.local.process.Ports;
import dev.lockstep.local.process.Progress;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.opentest4j.TestAbortedException;

/**
 * A kube-apiserver with its etcd for one JVM of tests. Where there is none, tests are skipped with
 * one line; under CI that is a failure.
 *
 * @param server the API server
 * @param binaries the programs, kubectl among them
 * @param children starts processes that end with the tests
 * @param client an administrator
 */
public record RealApi(
    ApiServer server, Binaries binaries, Children children, KubernetesClient client)
    implements MeshCluster {

  private static final Namespace STORE = Namespace.create(RealApi.class);

  /** {@return the repository's root folder} */
  public static Path root() {
    Path here = Path.of("").toAbsolutePath();
    return Files.exists(here.resolve("deploy/pom.xml")) ? here : here.resolve("..").normalize();
  }

  /** {@return the one API server of this JVM} */
  static RealApi shared(ExtensionContext context) {
    // Closed by JUnit after the last test, because it is AutoCloseable.
    ExtensionContext.Store store = context.getRoot().getStore(STORE);
    return store.getOrComputeIfAbsent("api", key -> start(), RealApi.class);
  }

  /** {@return an API server of one's own, for tests that stop it} */
  public static RealApi start() {
    Children children = Children.open();
    Progress progress = new Progress(System.out);
    BinarySources sources = BinarySources.of(System.getenv(), root().resolve("deploy/local/tools"));
    try {
      Binaries binaries = new BinaryFinder(sources, children, progress).find();
      Path folder = newFolder("api-");
      Ports ports = Ports.open(RandomGenerator.getDefault());
      ApiServer server =
          ApiServer.start(new ApiServer.Settings(binaries, folder, children, ports, progress));
      return new RealApi(server, binaries, children, server.administrator("lockstep-e2e"));
    } catch (BinariesMissing e) {
      children.close();
      if ("true".equals(System.getenv("CI"))) {
        throw e;
      }
      System.out.println("SKIPPED: no kube-apiserver and no way to get one (see deploy/local)");
      throw new TestAbortedException(e.getMessage());
    }
  }

  /** {@return a new folder that stays for people to read, until the next clean} */
  static Path newFolder(String prefix) {
    try {
      Path parent = Files.createDirectories(root().resolve("deploy/target/e2e"));
      return Files.createTempDirectory(parent, prefix);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public Path kubeconfig() {
    return server.kubeconfig();
  }

  @Override
  public Kubeconfig forReplicas() {
    return server.kubeconfigForServer();
  }

  @Override
  public Manifest apply(Path manifestFile) {
    Manifest manifest = Manifest.read(manifestFile, client);
    manifest.apply(client);
    return manifest;
  }

  @Override
  public boolean outlivesTheTests() {
    return false;
  }

  @Override
  public void close() {
    client.close();
    server.close();
    children.close();
  }

  /** Gives tests that ask for a {@link RealApi} the one of this JVM. */
  static final class Shared implements ParameterResolver {
    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
      return parameter.getParameter().getType() == RealApi.class;
    }

    @Override
    public RealApi resolveParameter(ParameterContext parameter, ExtensionContext context) {
      return shared(context);
    }
  }
}
