package dev.lockstep.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.agent.kubernetes.KubernetesShell;
import dev.lockstep.core.config.Epoch;
import dev.lockstep.core.config.RouterConfig;
import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.Event;
import dev.lockstep.local.cluster.AuditLog.Request;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import java.nio.file.Path;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What may not be read does not count as empty (F24, I7). */
@ExtendWith(LiveApi.Shared.class)
final class ForbiddenIT {
  private static final String ROLE =
      """
      apiVersion: rbac.authorization.k8s.io/v1
      kind: ClusterRole
      metadata: {name: %s}
      rules:
      - apiGroups: ["", networking.k8s.io, discovery.k8s.io]
        resources: [%s]
        verbs: [list, watch]
      """;

  private final Recorder events = new Recorder();
  private final LiveApi api;

  ForbiddenIT(LiveApi api) {
    this.api = api;
  }

  @Test
  void nothingIsToldBeforeEveryKindWasRead(@TempDir Path folder) {
    String namespace = api.newNamespace();
    String most = "ingresses, ingressclasses, services, endpointslices";
    Path kubeconfig = account(namespace, folder);
    Routes routes = new Routes(api.admin(), namespace);
    routes.apply(ROLE.formatted(namespace, most));
    try (KubernetesShell shell =
        new KubernetesShell(LiveApi.settings(namespace, kubeconfig), events)) {
      shell.execute(new Effect.StartSources(new Epoch(1), RouterConfig.EMPTY));
      shell.execute(new Effect.ReadObject(1, Routes.ingressKey(namespace, "web")));
      Awaitility.await()
          .untilAsserted(
              () ->
                  assertThat(api.server().audit().requests())
                      .filteredOn(request -> request.userAgent().endsWith(namespace))
                      .extracting(Request::resource, Request::code)
                      .contains(
                          org.assertj.core.groups.Tuple.tuple("secrets", 403),
                          org.assertj.core.groups.Tuple.tuple("ingresses", 200)));
      assertThat(events.rest()).isEmpty();
      routes.apply(ROLE.formatted(namespace, most + ", secrets"));
      events.only(Event.SourcesObserved.class);
      assertThat(events.only(Event.ObjectObserved.class).question()).isEqualTo(1);
    }
  }

  private Path account(String namespace, Path folder) {
    Routes routes = new Routes(api.admin(), namespace);
    routes.apply(
        """
        apiVersion: v1
        kind: ServiceAccount
        metadata: {name: lockstep, namespace: %s}
        """
            .formatted(namespace));
    routes.apply(
        """
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRoleBinding
        metadata: {name: %s}
        roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: %s}
        subjects: [{kind: ServiceAccount, name: lockstep, namespace: %s}]
        """
            .formatted(namespace, namespace, namespace));
    String token =
        api.admin()
            .serviceAccounts()
            .inNamespace(namespace)
            .withName("lockstep")
            .tokenRequest(
                new TokenRequestBuilder()
                    .withNewSpec()
                    .withExpirationSeconds(600L)
                    .endSpec()
                    .build())
            .getStatus()
            .getToken();
    Path kubeconfig = folder.resolve("kubeconfig");
    api.server().kubeconfigForServer().writeWithToken(kubeconfig, token);
    return kubeconfig;
  }
}
