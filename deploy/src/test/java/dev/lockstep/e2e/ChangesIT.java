package dev.lockstep.e2e;

import static dev.lockstep.e2e.RealMesh.NAMESPACE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lockstep.local.MeshQuestions.Answer;
import dev.lockstep.local.MeshQuestions.State;
import dev.lockstep.local.SampleObjects;
import dev.lockstep.local.cluster.AuditLog.Request;
import dev.lockstep.local.cluster.CertificateAuthority;
import dev.lockstep.local.cluster.CertificateAuthority.Use;
import dev.lockstep.local.cluster.KeyAndCertificate;
import dev.lockstep.local.kubelet.LocalReplica;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.IngressBuilder;
import java.security.cert.CertificateEncodingException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** At the moment at which a barrier opens, every replica serves exactly what was written. */
final class ChangesIT {
  @RegisterExtension static final RealMesh MESH = RealMesh.of(3);

  private static final SampleObjects.Path TO_WEB = new SampleObjects.Path("/", "web");
  private static final SampleObjects.Path TO_API = new SampleObjects.Path("/", "api");

  @Test
  void threeReplicasElectOneLeader() {
    assertThat(MESH.leader()).isPresent();
    assertThat(MESH.replicas()).hasSize(3).allMatch(LocalReplica::ready);
    Set<String> answers =
        MESH.replicas().stream()
            .map(it -> MESH.ask(it, "/v1/leader").path("leader").path("pod").asText())
            .collect(Collectors.toSet());
    assertThat(answers).containsExactly(MESH.leader().orElseThrow().pod());
  }

  @Test
  void anIngressIsCreatedChangedAndDeleted() {
    String host = "ingress.localhost";
    Ingress created = MESH.apply(SampleObjects.ingress(NAMESPACE, "ingress", host, TO_WEB));
    MESH.awaitOpen(created, State.PRESENT);
    MESH.assertServed(host, "/", "web-1");

    Ingress changed = MESH.apply(SampleObjects.ingress(NAMESPACE, "ingress", host, TO_API));
    MESH.awaitOpen(changed, State.PRESENT);
    MESH.assertServed(host, "/", "api-1");

    MESH.delete(changed);
    MESH.awaitOpen(changed, State.ABSENT);
    MESH.assertStatus(host, 404);
  }

  @Test
  void aLabelledServiceIsCreatedChangedAndDeleted() {
    MESH.apply(SampleObjects.endpoint(NAMESPACE, "labelled", MESH.backend("labelled-1")));
    Service created = MESH.apply(SampleObjects.routable(NAMESPACE, "labelled", "one.localhost"));
    MESH.awaitOpen(created, State.PRESENT);
    MESH.assertServed("one.localhost", "/", "labelled-1");

    Service changed = MESH.apply(SampleObjects.routable(NAMESPACE, "labelled", "two.localhost"));
    MESH.awaitOpen(changed, State.PRESENT);
    MESH.assertServed("two.localhost", "/", "labelled-1");
    MESH.assertStatus("one.localhost", 404);

    MESH.delete(changed);
    MESH.awaitOpen(changed, State.ABSENT);
    MESH.assertStatus("two.localhost", 404);
  }

  @Test
  void endpointsComeAndGo() {
    String host = "endpoints.localhost";
    MESH.apply(SampleObjects.service(NAMESPACE, "endpoints"));
    SampleObjects.Path path = new SampleObjects.Path("/", "endpoints");
    Ingress route = MESH.apply(SampleObjects.ingress(NAMESPACE, "endpoints", host, path));
    MESH.awaitOpen(route, State.PRESENT);
    MESH.assertStatus(host, 503);

    EndpointSlice slice =
        MESH.apply(SampleObjects.endpoint(NAMESPACE, "endpoints", MESH.backend("late-1")));
    MESH.awaitOpen(slice, State.PRESENT);
    MESH.assertServed(host, "/", "late-1");

    MESH.delete(slice);
    MESH.awaitOpen(slice, State.ABSENT);
    MESH.assertStatus(host, 503);
  }

  @Test
  void aCertificateIsCreatedReplacedAndDeleted() {
    String host = "secure.localhost";
    Ingress plain = SampleObjects.ingress(NAMESPACE, "secure", host, TO_WEB);
    MESH.apply(SampleObjects.withTls(plain, host, "secure"));
    KeyAndCertificate first = certificate(host);
    MESH.awaitOpen(MESH.apply(SampleObjects.secret(NAMESPACE, "secure", first)), State.PRESENT);
    assertPresented(host, first);

    KeyAndCertificate second = certificate(host);
    Secret replaced = MESH.apply(SampleObjects.secret(NAMESPACE, "secure", second));
    MESH.awaitOpen(replaced, State.PRESENT);
    assertPresented(host, second);
  }

  @Test
  void aWriteThatChangesNothingOpensAtOnce() {
    Ingress wish = SampleObjects.ingress(NAMESPACE, "same", "same.localhost", TO_WEB);
    Ingress first = MESH.apply(wish);
    MESH.awaitOpen(first, State.PRESENT);
    long version = MESH.onLease("version");
    Ingress annotated =
        MESH.apply(
            new IngressBuilder(wish)
                .editMetadata()
                .addToAnnotations("example.com/note", "no route changes")
                .endMetadata()
                .build());
    assertThat(annotated.getMetadata().getResourceVersion())
        .isNotEqualTo(first.getMetadata().getResourceVersion());
    MESH.awaitOpen(annotated, State.PRESENT);
    assertThat(MESH.onLease("version")).isEqualTo(version);
  }

  @Test
  void aRejectedObjectIsToldAndItsLastGoodFormServes() {
    MESH.apply(SampleObjects.endpoint(NAMESPACE, "bad", MESH.backend("bad-1")));
    Service good = MESH.apply(SampleObjects.routable(NAMESPACE, "bad", "bad.localhost"));
    MESH.awaitOpen(good, State.PRESENT);
    Service bad =
        MESH.apply(
            new ServiceBuilder(SampleObjects.routable(NAMESPACE, "bad", "bad.localhost"))
                .editMetadata()
                .addToAnnotations("router.deis.io/whitelist", "not an address")
                .endMetadata()
                .build());
    Answer answer = MESH.barrier(bad, State.PRESENT);
    assertThat(answer.status()).as("%s", answer.body()).isEqualTo(409);
    assertThat(answer.body().toString()).contains("whitelist");
    MESH.assertServed("bad.localhost", "/", "bad-1");
  }

  @Test
  void anUnknownObjectIsNotFound() {
    HasMetadata never = SampleObjects.ingress(NAMESPACE, "never", "never.localhost", TO_WEB);
    never.getMetadata().setResourceVersion("1");
    assertThat(MESH.barrier(never, State.PRESENT, Duration.ofSeconds(2)).status()).isEqualTo(404);
  }

  @Test
  void whatNeverWasIsAbsent() {
    HasMetadata never = SampleObjects.ingress(NAMESPACE, "never", "never.localhost", TO_WEB);
    MESH.awaitOpen(never, State.ABSENT);
  }

  @Test
  void followersAskTheApiServerNothing() {
    String leader = MESH.leader().orElseThrow().pod();
    long mark = MESH.api().server().audit().mark();
    await().until(() -> requestsOf(leader, mark).size() >= 4);
    for (LocalReplica follower : MESH.followers()) {
      assertThat(requestsOf(follower.pod(), mark)).isEmpty();
    }
    assertThat(requestsOf(leader, mark))
        .allMatch(it -> it.verb().equals("update") && it.resource().equals("leases"));
  }

  @Test
  void theAgentsAreTheServiceAccountAndAreRefusedNothing() {
    List<Request> all =
        MESH.api().server().audit().requests().stream()
            .filter(it -> it.userAgent().startsWith("lockstep-agent"))
            .toList();
    assertThat(all)
        .isNotEmpty()
        .allMatch(it -> it.user().equals("system:serviceaccount:lockstep-system:lockstep"))
        .noneMatch(it -> it.code() == 403);
  }

  private static List<Request> requestsOf(String pod, long mark) {
    return MESH.api().server().audit().requestsFrom(mark).stream()
        .filter(it -> it.pod().equals(pod))
        .toList();
  }

  private static KeyAndCertificate certificate(String host) {
    return CertificateAuthority.create("test").issue("CN=" + host, List.of(host), Use.SERVER);
  }

  private static void assertPresented(String host, KeyAndCertificate expected) {
    assertThat(MESH.everywhereSecure(host))
        .allSatisfy(
            it -> {
              assertThat(encoded(it.certificate().orElseThrow())).isEqualTo(expected.certificate());
              assertThat(it.from("web-1")).isTrue();
            });
  }

  private static byte[] encoded(java.security.cert.Certificate certificate) {
    try {
      return certificate.getEncoded();
    } catch (CertificateEncodingException e) {
      throw new AssertionError(e);
    }
  }
}
