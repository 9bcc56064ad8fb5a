package dev.lockstep.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.local.cluster.Manifest;
import dev.lockstep.local.process.Commands;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReview;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReviewBuilder;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The manifest is what the API server accepts, and allows no more than it must. */
final class ManifestIT {
  private static final Path FILE = RealApi.root().resolve("deploy/lockstep.yaml");
  private static final String ACCOUNT = "system:serviceaccount:lockstep-system:lockstep";

  private static RealApi api;

  @BeforeAll
  static void applyForReal() {
    // One of its own: nothing may have been applied before, by another means.
    api = RealApi.start();
    Commands.Result applied = kubectl("apply", "-f", FILE.toString());
    assertThat(applied.output()).doesNotContain("Warning");
    assertThat(applied.succeeded()).as(applied.output()).isTrue();
  }

  @AfterAll
  static void stop() {
    if (api != null) {
      api.close();
    }
  }

  @Test
  void theApiServerAcceptsItInADryRun() {
    Commands.Result result = kubectl("apply", "--dry-run=server", "-f", FILE.toString());
    assertThat(result.succeeded()).as(result.output()).isTrue();
    assertThat(result.output()).doesNotContain("Warning").contains("deployment.apps/lockstep");
  }

  @Test
  void applyingItAgainChangesNothing() {
    Manifest manifest = Manifest.read(FILE, api.client());
    manifest.apply(api.client());
    List<String> before = resourceVersions(manifest);
    manifest.apply(api.client());
    assertThat(resourceVersions(manifest)).isEqualTo(before);
  }

  @Test
  void theLeaseIsLeftToTheReplicas() {
    Lease lease =
        api.client().leases().inNamespace("lockstep-system").withName("lockstep").require();
    assertThat(lease.getSpec().getHolderIdentity()).isNull();
    assertThat(lease.getMetadata().getAnnotations().keySet())
        .noneMatch(key -> key.startsWith("lockstep.dev/"));
  }

  @Test
  void podsCarryTheGateAndTheMeshToken() {
    PodSpec pod = Manifest.read(FILE, api.client()).deployment().getSpec().getTemplate().getSpec();
    assertThat(pod.getReadinessGates())
        .singleElement()
        .satisfies(it -> assertThat(it.getConditionType()).isEqualTo("lockstep.dev/in-sync"));
    assertThat(pod.getVolumes())
        .filteredOn(it -> it.getName().equals("mesh-token"))
        .flatExtracting(it -> it.getProjected().getSources())
        .allSatisfy(
            it ->
                assertThat(it.getServiceAccountToken().getAudience())
                    .isEqualTo("lockstep.dev/mesh"));
  }

  /**
   * One question to the authorizer.
   *
   * @param allowed the answer we want
   * @param verb what somebody wants to do
   * @param resource {@code group/resource[/subresource]}; a leading slash is the core group
   * @param namespace where
   * @param name to which object; empty for all
   */
  record Access(boolean allowed, String verb, String resource, String namespace, String name) {
    @Override
    public String toString() {
      return (allowed ? "may " : "may not ")
          + verb
          + " "
          + resource
          + " "
          + name
          + " in "
          + namespace;
    }
  }

  @TestFactory
  List<DynamicTest> theServiceAccountMayDoThisAndNoMore() {
    return List.of(
            // Among replicas.
            new Access(true, "get", "coordination.k8s.io/leases", "lockstep-system", "lockstep"),
            new Access(true, "update", "coordination.k8s.io/leases", "lockstep-system", "lockstep"),
            new Access(true, "create", "coordination.k8s.io/leases", "lockstep-system", ""),
            new Access(true, "list", "/pods", "lockstep-system", ""),
            new Access(true, "patch", "/pods/status", "lockstep-system", "x"),
            new Access(true, "create", "/pods/eviction", "lockstep-system", "x"),
            new Access(true, "create", "authentication.k8s.io/tokenreviews", "", ""),
            // Sources.
            new Access(true, "watch", "networking.k8s.io/ingresses", "shop", ""),
            new Access(true, "list", "discovery.k8s.io/endpointslices", "shop", ""),
            new Access(true, "list", "/services", "shop", ""),
            new Access(true, "list", "/secrets", "shop", ""),
            new Access(true, "create", "/events", "shop", ""),
            new Access(true, "patch", "networking.k8s.io/ingresses/status", "shop", "web"),
            // Not its business.
            new Access(false, "update", "coordination.k8s.io/leases", "lockstep-system", "other"),
            new Access(false, "get", "coordination.k8s.io/leases", "kube-system", "lockstep"),
            new Access(
                false, "delete", "coordination.k8s.io/leases", "lockstep-system", "lockstep"),
            new Access(false, "list", "/pods", "shop", ""),
            new Access(false, "patch", "/pods", "lockstep-system", "x"),
            new Access(false, "delete", "/pods", "lockstep-system", "x"),
            new Access(false, "create", "/pods/exec", "lockstep-system", "x"),
            new Access(false, "create", "/secrets", "lockstep-system", ""),
            new Access(false, "update", "/secrets", "shop", "x"),
            new Access(false, "update", "networking.k8s.io/ingresses", "shop", "web"),
            new Access(false, "update", "/services", "shop", "web"),
            new Access(false, "create", "/serviceaccounts/token", "lockstep-system", "lockstep"))
        .stream()
        .map(it -> DynamicTest.dynamicTest(it.toString(), () -> check(it)))
        .toList();
  }

  private static void check(Access access) {
    String[] parts = access.resource.split("/", -1);
    SubjectAccessReview question =
        new SubjectAccessReviewBuilder()
            .withNewSpec()
            .withUser(ACCOUNT)
            .withNewResourceAttributes()
            .withVerb(access.verb)
            .withGroup(parts[0])
            .withResource(parts[1])
            .withSubresource(parts.length > 2 ? parts[2] : "")
            .withNamespace(access.namespace)
            .withName(access.name)
            .endResourceAttributes()
            .endSpec()
            .build();
    SubjectAccessReview answer =
        api.client().authorization().v1().subjectAccessReview().create(question);
    assertThat(answer.getStatus().getAllowed()).isEqualTo(access.allowed);
  }

  private static List<String> resourceVersions(Manifest manifest) {
    return manifest.objects().stream()
        .map(it -> api.client().resource(it).get())
        .map(HasMetadata::getMetadata)
        .map(it -> it.getName() + "@" + it.getResourceVersion())
        .toList();
  }

  private static Commands.Result kubectl(String verb, String... arguments) {
    String[] command = new String[arguments.length + 4];
    command[0] = api.binaries().kubectl().toString();
    command[1] = "--kubeconfig";
    command[2] = api.server().kubeconfig().toString();
    command[3] = verb;
    System.arraycopy(arguments, 0, command, 4, arguments.length);
    return Commands.run(command);
  }
}
