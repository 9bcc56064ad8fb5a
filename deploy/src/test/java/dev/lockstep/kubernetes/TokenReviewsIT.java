package dev.lockstep.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.agent.kubernetes.KubernetesShell;
import dev.lockstep.agent.kubernetes.TokenVerdict;
import dev.lockstep.core.protocol.PodId;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenRequest;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Which tokens of a real API server prove that somebody is a pod of the mesh. */
@ExtendWith(LiveApi.Shared.class)
final class TokenReviewsIT {
  private static final String MESH = "lockstep.dev/mesh";

  private final LiveApi api;
  private String namespace;
  private Pods pods;
  private KubernetesShell shell;

  TokenReviewsIT(LiveApi api) {
    this.api = api;
  }

  @BeforeEach
  void open() {
    namespace = api.newNamespace();
    account("lockstep");
    pods = new Pods(api.admin(), namespace);
    shell = api.shell(namespace, event -> {});
  }

  @AfterEach
  void close() {
    shell.close();
  }

  @Test
  void aTokenOfAPodForTheMeshIsGenuine() {
    PodId pod = pods.create("a");
    String token = token("lockstep", MESH, pod);
    assertThat(verdict(token)).isEqualTo(new TokenVerdict.Verified(pod));
  }

  @Test
  void aGenuineTokenIsNotReviewedTwice() {
    String token = token("lockstep", MESH, pods.create("a"));
    TokenVerdict first = verdict(token);
    api.admin().serviceAccounts().inNamespace(namespace).withName("lockstep").delete();
    assertThat(verdict(token)).isEqualTo(first);
  }

  @Test
  void aTokenForAnotherAudienceIsRefused() {
    PodId pod = pods.create("a");
    refused(token("lockstep", "https://example.com", pod));
    refused(token("lockstep", "", pod));
  }

  @Test
  void aTokenOfAnotherAccountIsRefused() {
    account("other");
    refused(unbound("other", MESH));
  }

  @Test
  void aTokenThatIsNotBoundToAPodIsRefused() {
    refused(unbound("lockstep", MESH));
  }

  @Test
  void aTokenOfADeletedPodIsRefused() {
    String token = token("lockstep", MESH, pods.create("a"));
    pods.delete("a");
    refused(token);
  }

  @Test
  void rubbishIsRefused() {
    refused("");
    refused("rubbish");
    refused("a.b.c");
    String token = token("lockstep", MESH, pods.create("a"));
    refused(token.substring(0, token.length() - 8) + "AAAAAAAA");
  }

  private void refused(String token) {
    assertThat(verdict(token)).isInstanceOf(TokenVerdict.Refused.class);
  }

  private TokenVerdict verdict(String token) {
    return shell.verify(token).toCompletableFuture().join();
  }

  private void account(String name) {
    var meta = new ServiceAccountBuilder().withNewMetadata();
    api.admin()
        .resource(meta.withNamespace(namespace).withName(name).endMetadata().build())
        .create();
  }

  private String token(String account, String audience, PodId pod) {
    TokenRequest request =
        new TokenRequestBuilder(request(audience))
            .editSpec()
            .withNewBoundObjectRef()
            .withApiVersion("v1")
            .withKind("Pod")
            .withName(pod.name())
            .withUid(pod.uid())
            .endBoundObjectRef()
            .endSpec()
            .build();
    return issue(account, request);
  }

  private String unbound(String account, String audience) {
    return issue(account, request(audience));
  }

  private static TokenRequest request(String audience) {
    var spec = new TokenRequestBuilder().withNewSpec().withExpirationSeconds(600L);
    return (audience.isEmpty() ? spec : spec.withAudiences(audience)).endSpec().build();
  }

  private String issue(String account, TokenRequest request) {
    return api.admin()
        .serviceAccounts()
        .inNamespace(namespace)
        .withName(account)
        .tokenRequest(request)
        .getStatus()
        .getToken();
  }
}
