package dev.lockstep.e2e;

import dev.lockstep.local.LocalCluster;
import dev.lockstep.local.cluster.ApiServer;
import dev.lockstep.local.cluster.Kubeconfig;
import dev.lockstep.local.cluster.Manifest;
import dev.lockstep.local.process.Children;
import dev.lockstep.local.process.Progress;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.opentest4j.TestAbortedException;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.k3s.K3sContainer;
import org.testcontainers.utility.DockerImageName;

/**
 * A cluster that is not ours, with controllers and nodes of its own: the one that {@value
 * #VARIABLE} names, else k3s in a container where there is a Docker engine. What is applied is
 * removed.
 */
final class ForeignCluster implements MeshCluster {
  private static final String VARIABLE = "LOCKSTEP_TEST_KUBECONFIG";
  private static final DockerImageName IMAGE = DockerImageName.parse("rancher/k3s:v1.34.2-k3s1");

  private final Path kubeconfig;
  private final KubernetesClient client;
  private final Children children = Children.open();
  private final List<Runnable> atEnd = new ArrayList<>();

  private ForeignCluster(Path kubeconfig) {
    this.kubeconfig = kubeconfig;
    this.client = ApiServer.administrator(kubeconfig, "lockstep-e2e");
  }

  /** {@return the cluster; without one the tests are skipped, with one line} */
  static MeshCluster find() {
    String named = System.getenv(VARIABLE);
    if (named != null && !named.isBlank()) {
      return new ForeignCluster(Path.of(named));
    }
    if (!DockerClientFactory.instance().isDockerAvailable()) {
      String reason = "no Docker engine for k3s, and " + VARIABLE + " names no cluster";
      System.out.println("SKIPPED: " + reason);
      throw new TestAbortedException(reason);
    }
    return inContainer();
  }

  @SuppressWarnings("resource") // Stopped in close().
  private static ForeignCluster inContainer() {
    K3sContainer container = new K3sContainer(IMAGE);
    container.start();
    Path file = RealApi.newFolder("k3s-").resolve("kubeconfig");
    Kubeconfig.writeSecret(file, container.getKubeConfigYaml());
    ForeignCluster cluster = new ForeignCluster(file);
    cluster.atEnd.add(container::stop);
    return cluster;
  }

  @Override
  public KubernetesClient client() {
    return client;
  }

  @Override
  public Path kubeconfig() {
    return kubeconfig;
  }

  @Override
  public Kubeconfig forReplicas() {
    return Kubeconfig.of(kubeconfig);
  }

  @Override
  public Children children() {
    return children;
  }

  @Override
  public Manifest apply(Path manifestFile) {
    LocalCluster ours = LocalCluster.users(manifestFile, kubeconfig, new Progress(System.out));
    atEnd.addFirst(ours::close);
    return ours.manifest();
  }

  @Override
  public boolean outlivesTheTests() {
    return true;
  }

  @Override
  public void close() {
    atEnd.forEach(Runnable::run);
    client.close();
    children.close();
  }
}
