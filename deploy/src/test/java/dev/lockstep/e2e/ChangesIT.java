package dev.lockstep.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lockstep.local.cluster.AuditLog.Request;
import dev.lockstep.local.kubelet.LocalReplica;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Changes on an API server of our own, whose audit log says who asked for what. */
final class ChangesIT extends Changes {
  @RegisterExtension static final RealMesh MESH = RealMesh.of(3);

  ChangesIT() {
    super(MESH);
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
}
