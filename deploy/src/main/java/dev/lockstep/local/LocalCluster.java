package dev.lockstep.local;

import dev.lockstep.local.cluster.ApiServer;
import dev.lockstep.local.cluster.Binaries;
import dev.lockstep.local.cluster.BinaryFinder;
import dev.lockstep.local.cluster.BinarySources;
import dev.lockstep.local.cluster.Kubeconfig;
import dev.lockstep.local.cluster.Manifest;
import dev.lockstep.local.kubelet.Kubelet;
import dev.lockstep.local.process.Children;
import dev.lockstep.local.process.Commands;
import dev.lockstep.local.process.Place;
import dev.lockstep.local.process.Ports;
import dev.lockstep.local.process.Progress;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * The cluster of a run, with the manifest applied: one of our own, thrown away at the end, or the
 * user's, from which everything of ours is removed at the end.
 */
public sealed interface LocalCluster extends AutoCloseable {
  /** {@return an administrator's file} */
  Path kubeconfig();

  /** {@return where replicas find it} */
  Kubeconfig server();

  /** {@return the program kubectl} */
  String kubectl();

  /** {@return what was applied} */
  Manifest manifest();

  /** Removes what is ours, after the replicas have stopped. */
  @Override
  void close();

  /**
   * What a cluster of our own and its replicas are started with.
   *
   * @param root the repository
   * @param folder of the run
   * @param children starts processes
   * @param ports gives ports
   * @param progress is told what goes on
   */
  record Means(Path root, Path folder, Children children, Ports ports, Progress progress) {
    /** {@return the means of a run in this place, from the sources' root folder} */
    public static Means in(Place place, Path root) {
      Children children = place.keep(Children.open());
      Ports ports = place.keep(Ports.open(RandomGenerator.getDefault()));
      return new Means(root, place.folder(), children, ports, place.progress());
    }

    Path manifestFile() {
      return root.resolve("deploy/lockstep.yaml");
    }

    /** {@return what replicas take from this machine} */
    public Kubelet.Host host() {
      Path launcher = root.resolve("router-agent/target/dist/bin/lockstep");
      return new Kubelet.Host(launcher, folder, children, ports);
    }
  }

  /** {@return a cluster of our own, ready} */
  static Own own(Means means, Map<String, String> environment) {
    BinarySources sources = BinarySources.of(environment, means.root.resolve("deploy/local/tools"));
    Binaries binaries = new BinaryFinder(sources, means.children, means.progress).find();
    ApiServer server =
        ApiServer.start(
            new ApiServer.Settings(
                binaries,
                means.folder.resolve("cluster"),
                means.children,
                means.ports,
                means.progress));
    try (KubernetesClient client = server.administrator("lockstep-local")) {
      Manifest manifest = Manifest.read(means.manifestFile(), client);
      manifest.apply(client);
      return new Own(server, binaries.kubectl().toString(), manifest);
    }
  }

  /**
   * {@return the user's cluster, with the manifest applied but for its Deployment}
   *
   * @throws IllegalStateException when Lockstep is in that cluster already
   */
  static LocalCluster users(Path manifestFile, Path kubeconfig, Progress progress) {
    try (KubernetesClient client = ApiServer.administrator(kubeconfig, "lockstep-local")) {
      Manifest manifest = Manifest.read(manifestFile, client);
      String namespace = manifest.deployment().getMetadata().getNamespace();
      if (client.namespaces().withName(namespace).get() != null) {
        throw new IllegalStateException(
            "namespace " + namespace + ": exists in that cluster (expected: no Lockstep in it)");
      }
      manifest.withoutDeployment().apply(client);
      progress.say("manifest applied, without its Deployment, to " + client.getMasterUrl());
      return new Users(kubeconfig, manifest);
    }
  }

  /**
   * Etcd and kube-apiserver as our children.
   *
   * @param apiServer the two
   * @param kubectl its client
   * @param manifest what was applied
   */
  record Own(ApiServer apiServer, String kubectl, Manifest manifest) implements LocalCluster {
    @Override
    public Path kubeconfig() {
      return apiServer.kubeconfig();
    }

    @Override
    public Kubeconfig server() {
      return apiServer.kubeconfigForServer();
    }

    @Override
    public void close() {
      apiServer.close();
    }
  }

  /**
   * Somebody's cluster.
   *
   * @param kubeconfig how to reach it
   * @param manifest what was applied, but for the Deployment
   */
  record Users(Path kubeconfig, Manifest manifest) implements LocalCluster {
    @Override
    public Kubeconfig server() {
      return Kubeconfig.of(kubeconfig);
    }

    @Override
    public String kubectl() {
      Optional<Path> found =
          Commands.find("kubectl", System.getenv().getOrDefault("PATH", "/usr/bin"));
      return found.map(Path::toString).orElse("kubectl");
    }

    @Override
    public void close() {
      try (KubernetesClient client = ApiServer.administrator(kubeconfig, "lockstep-local")) {
        client.namespaces().withName(Samples.NAMESPACE).delete();
        manifest.withoutDeployment().delete(client);
      }
    }
  }
}
