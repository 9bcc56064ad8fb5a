package dev.lockstep.local.kubelet;

import dev.lockstep.local.cluster.Kubeconfig;
import io.fabric8.kubernetes.api.model.authentication.TokenRequest;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.util.List;

/**
 * The two tokens of a pod's ServiceAccount, both bound to the pod: they die with it. One is for the
 * API server, the other for the leader of the mesh and nobody else. Confined to the pod's thread.
 */
final class PodTokens {
  private static final Duration LIFE = Duration.ofHours(1);
  private static final Duration RENEWAL = LIFE.multipliedBy(4).dividedBy(5);
  private static final Duration RETRY = Duration.ofSeconds(5);

  private final KubernetesClient client;
  private final PodName pod;
  private final String account;
  private final Target target;
  private boolean written;
  private long renewal;

  /**
   * Where the tokens go.
   *
   * @param files of the pod
   * @param server the API server that the first token is for
   */
  record Target(PodFiles files, Kubeconfig server) {}

  PodTokens(KubernetesClient client, String account, PodName pod, Target target) {
    this.client = client;
    this.pod = pod;
    this.account = account;
    this.target = target;
  }

  /**
   * Writes both files, at first and when most of their life is over.
   *
   * @throws KubernetesClientException when the first ones cannot be had; later ones are tried again
   */
  void renewIfDue() {
    if (written && System.nanoTime() < renewal) {
      return;
    }
    try {
      // In the file itself, not beside it: the Fabric8 client ignores tokenFile, and reads this
      // file again every minute.
      target.server.writeWithToken(target.files.kubeconfig(), request(List.of()));
      Kubeconfig.writeSecret(
          target.files.meshToken(), request(List.of(AgentCommand.MESH_AUDIENCE)));
      written = true;
      renewal = System.nanoTime() + RENEWAL.toNanos();
    } catch (KubernetesClientException e) {
      if (!written) {
        throw e;
      }
      renewal = System.nanoTime() + RETRY.toNanos();
    }
  }

  private String request(List<String> audiences) {
    TokenRequest request =
        new TokenRequestBuilder()
            .withNewSpec()
            .withAudiences(audiences) // None: those of the API server itself.
            .withExpirationSeconds(LIFE.toSeconds())
            .withNewBoundObjectRef()
            .withApiVersion("v1")
            .withKind("Pod")
            .withName(pod.name())
            .withUid(pod.uid())
            .endBoundObjectRef()
            .endSpec()
            .build();
    return client
        .serviceAccounts()
        .inNamespace(pod.namespace())
        .withName(account)
        .tokenRequest(request)
        .getStatus()
        .getToken();
  }
}
