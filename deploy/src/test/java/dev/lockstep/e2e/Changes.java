package dev.lockstep.e2e;

import static dev.lockstep.e2e.RealMesh.NAMESPACE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.local.MeshQuestions.Answer;
import dev.lockstep.local.MeshQuestions.State;
import dev.lockstep.local.SampleObjects;
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
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Test;

/**
 * At the moment at which a barrier opens, every replica serves exactly what was written; on
 * whatever cluster.
 */
abstract class Changes {
  private final RealMesh mesh;

  Changes(RealMesh mesh) {
    this.mesh = mesh;
  }

  private static final SampleObjects.Path TO_WEB = new SampleObjects.Path("/", "web");
  private static final SampleObjects.Path TO_API = new SampleObjects.Path("/", "api");

  @Test
  void threeReplicasElectOneLeader() {
    assertThat(mesh.leader()).isPresent();
    assertThat(mesh.replicas()).hasSize(3).allMatch(LocalReplica::ready);
    Set<String> answers =
        mesh.replicas().stream()
            .map(it -> mesh.ask(it, "/v1/leader").path("leader").path("pod").asText())
            .collect(Collectors.toSet());
    assertThat(answers).containsExactly(mesh.leader().orElseThrow().pod());
  }

  @Test
  void anIngressIsCreatedChangedAndDeleted() {
    String host = "ingress.localhost";
    Ingress created = mesh.apply(SampleObjects.ingress(NAMESPACE, "ingress", host, TO_WEB));
    mesh.awaitOpen(created, State.PRESENT);
    mesh.assertServed(host, "/", "web-1");

    Ingress changed = mesh.apply(SampleObjects.ingress(NAMESPACE, "ingress", host, TO_API));
    mesh.awaitOpen(changed, State.PRESENT);
    mesh.assertServed(host, "/", "api-1");

    mesh.delete(changed);
    mesh.awaitOpen(changed, State.ABSENT);
    mesh.assertStatus(host, 404);
  }

  @Test
  void aLabelledServiceIsCreatedChangedAndDeleted() {
    mesh.apply(SampleObjects.endpoint(NAMESPACE, "labelled", mesh.backend("labelled-1")));
    Service created = mesh.apply(SampleObjects.routable(NAMESPACE, "labelled", "one.localhost"));
    mesh.awaitOpen(created, State.PRESENT);
    mesh.assertServed("one.localhost", "/", "labelled-1");

    Service changed = mesh.apply(SampleObjects.routable(NAMESPACE, "labelled", "two.localhost"));
    mesh.awaitOpen(changed, State.PRESENT);
    mesh.assertServed("two.localhost", "/", "labelled-1");
    mesh.assertStatus("one.localhost", 404);

    mesh.delete(changed);
    mesh.awaitOpen(changed, State.ABSENT);
    mesh.assertStatus("two.localhost", 404);
  }

  @Test
  void endpointsComeAndGo() {
    String host = "endpoints.localhost";
    mesh.apply(SampleObjects.service(NAMESPACE, "endpoints"));
    SampleObjects.Path path = new SampleObjects.Path("/", "endpoints");
    Ingress route = mesh.apply(SampleObjects.ingress(NAMESPACE, "endpoints", host, path));
    mesh.awaitOpen(route, State.PRESENT);
    mesh.assertStatus(host, 503);

    EndpointSlice slice =
        mesh.apply(SampleObjects.endpoint(NAMESPACE, "endpoints", mesh.backend("late-1")));
    mesh.awaitOpen(slice, State.PRESENT);
    mesh.assertServed(host, "/", "late-1");

    mesh.delete(slice);
    mesh.awaitOpen(slice, State.ABSENT);
    mesh.assertStatus(host, 503);
  }

  @Test
  void aCertificateIsCreatedReplacedAndDeleted() {
    String host = "secure.localhost";
    Ingress plain = SampleObjects.ingress(NAMESPACE, "secure", host, TO_WEB);
    mesh.apply(SampleObjects.withTls(plain, host, "secure"));
    KeyAndCertificate first = certificate(host);
    mesh.awaitOpen(mesh.apply(SampleObjects.secret(NAMESPACE, "secure", first)), State.PRESENT);
    assertPresented(host, first);

    KeyAndCertificate second = certificate(host);
    Secret replaced = mesh.apply(SampleObjects.secret(NAMESPACE, "secure", second));
    mesh.awaitOpen(replaced, State.PRESENT);
    assertPresented(host, second);

    mesh.delete(replaced);
    mesh.awaitOpen(replaced, State.ABSENT);
    for (LocalReplica replica : mesh.replicas()) {
      assertThatThrownBy(() -> mesh.traffic().get(replica.https(), host, "/"))
          .hasRootCauseInstanceOf(SSLException.class);
    }
  }

  @Test
  void aWriteThatChangesNothingOpensAtOnce() {
    Ingress wish = SampleObjects.ingress(NAMESPACE, "same", "same.localhost", TO_WEB);
    Ingress first = mesh.apply(wish);
    mesh.awaitOpen(first, State.PRESENT);
    long version = mesh.onLease("version");
    Ingress annotated =
        mesh.apply(
            new IngressBuilder(wish)
                .editMetadata()
                .addToAnnotations("example.com/note", "no route changes")
                .endMetadata()
                .build());
    assertThat(annotated.getMetadata().getResourceVersion())
        .isNotEqualTo(first.getMetadata().getResourceVersion());
    mesh.awaitOpen(annotated, State.PRESENT);
    assertThat(mesh.onLease("version")).isEqualTo(version);
  }

  @Test
  void aRejectedObjectIsToldAndItsLastGoodFormServes() {
    mesh.apply(SampleObjects.endpoint(NAMESPACE, "bad", mesh.backend("bad-1")));
    Service good = mesh.apply(SampleObjects.routable(NAMESPACE, "bad", "bad.localhost"));
    mesh.awaitOpen(good, State.PRESENT);
    Service bad =
        mesh.apply(
            new ServiceBuilder(SampleObjects.routable(NAMESPACE, "bad", "bad.localhost"))
                .editMetadata()
                .addToAnnotations("router.deis.io/whitelist", "not an address")
                .endMetadata()
                .build());
    Answer answer = mesh.barrier(bad, State.PRESENT);
    assertThat(answer.status()).as("%s", answer.body()).isEqualTo(409);
    assertThat(answer.body().toString()).contains("whitelist");
    mesh.assertServed("bad.localhost", "/", "bad-1");
  }

  @Test
  void anUnknownObjectIsNotFound() {
    HasMetadata never = SampleObjects.ingress(NAMESPACE, "never", "never.localhost", TO_WEB);
    never.getMetadata().setResourceVersion("1");
    assertThat(mesh.barrier(never, State.PRESENT, Duration.ofSeconds(2)).status()).isEqualTo(404);
  }

  @Test
  void whatNeverWasIsAbsent() {
    HasMetadata never = SampleObjects.ingress(NAMESPACE, "never", "never.localhost", TO_WEB);
    mesh.awaitOpen(never, State.ABSENT);
  }

  private static KeyAndCertificate certificate(String host) {
    return CertificateAuthority.create("test").issue("CN=" + host, List.of(host), Use.SERVER);
  }

  private void assertPresented(String host, KeyAndCertificate expected) {
    assertThat(mesh.everywhereSecure(host))
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
