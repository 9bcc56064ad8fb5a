package dev.lockstep.e2e;

import dev.lockstep.local.cluster.Kubeconfig;
import dev.lockstep.local.cluster.Manifest;
import dev.lockstep.local.process.Children;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.nio.file.Path;

/** The cluster under the replicas of a test. */
interface MeshCluster extends AutoCloseable {
  /** {@return an administrator} */
  KubernetesClient client();

  /** {@return an administrator's file} */
  Path kubeconfig();

  /** {@return where replicas find the API server} */
  Kubeconfig forReplicas();

  /** {@return starts processes that end with the tests} */
  Children children();

  /** Applies what a mesh needs, so that the pods of its Deployment are the test's own. */
  Manifest apply(Path manifestFile);

  /** {@return whether the mesh must remove its node and pods, because the cluster stays} */
  boolean outlivesTheTests();

  @Override
  void close();
}
