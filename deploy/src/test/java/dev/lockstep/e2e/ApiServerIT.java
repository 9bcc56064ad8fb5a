package dev.lockstep.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.local.cluster.AuditLog.Request;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The API server of local mode is what we say it is. */
final class ApiServerIT {
  private static RealApi api;

  @BeforeAll
  static void startOne() {
    api = RealApi.start();
  }

  @AfterAll
  static void stopIt() {
    if (api != null) {
      api.close();
      assertThat(api.server().pids()).noneMatch(pid -> ProcessHandle.of(pid).isPresent());
    }
  }

  @Test
  void itIsTheVersionThatItSays() {
    assertThat(api.client().getKubernetesVersion().getGitVersion()).startsWith("v1.36.");
  }

  @Test
  void dataAndPortSurviveAStopAndAStart() {
    ConfigMap kept =
        new ConfigMapBuilder()
            .withNewMetadata()
            .withNamespace("default")
            .withName("kept")
            .endMetadata()
            .build();
    ConfigMap before = api.client().resource(kept).create();
    api.server().stop();
    try (KubernetesClient impatient = impatient()) {
      assertThatThrownBy(() -> impatient.resource(kept).get())
          .isInstanceOf(KubernetesClientException.class);
    }
    api.server().start();
    assertThat(api.client().resource(kept).get()).isEqualTo(before);
  }

  @Test
  void strangersSeeTheHealthPathsAndNothingElse() {
    Config anonymous =
        new ConfigBuilder(Config.empty())
            .withMasterUrl(api.server().address().toString())
            .withTrustCerts(true)
            .withRequestRetryBackoffLimit(0)
            .build();
    try (KubernetesClient stranger = new KubernetesClientBuilder().withConfig(anonymous).build()) {
      assertThat(stranger.raw("/livez")).isEqualTo("ok");
      assertThatThrownBy(() -> stranger.raw("/version", "GET", null))
          .isInstanceOfSatisfying(
              KubernetesClientException.class, e -> assertThat(e.getCode()).isEqualTo(401));
    }
  }

  @Test
  void theAuditLogNamesTheClientAndTheRequest() {
    long mark = api.server().audit().mark();
    try (KubernetesClient named = api.server().administrator("somebody/1")) {
      named.pods().inNamespace("default").list();
    }
    assertThat(api.server().audit().requestsFrom(mark))
        .contains(new Request("lockstep-admin", "somebody/1", "", "list", "pods", 200));
  }

  private static KubernetesClient impatient() {
    Config config = Config.fromKubeconfig(api.server().kubeconfig().toFile());
    config.setRequestRetryBackoffLimit(0);
    return new KubernetesClientBuilder().withConfig(config).build();
  }
}
