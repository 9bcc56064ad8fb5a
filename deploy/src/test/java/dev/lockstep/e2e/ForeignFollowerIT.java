package dev.lockstep.e2e;

import static dev.lockstep.e2e.RealMesh.NAMESPACE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lockstep.local.MeshQuestions.Answer;
import dev.lockstep.local.MeshQuestions.State;
import dev.lockstep.local.SampleObjects;
import dev.lockstep.local.process.Progress;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.IngressBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.IngressRule;
import io.fabric8.kubernetes.api.model.networking.v1.IngressRuleBuilder;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The page about the protocol is enough for another implementation: the follower in Python of
 * {@code docs/examples} is counted among two agents like a third one.
 */
@ExtendWith(ForeignFollower.NeedsPython.class)
final class ForeignFollowerIT {
  @RegisterExtension static final RealMesh MESH = RealMesh.of(2);

  private static final SampleObjects.Path TO_WEB = new SampleObjects.Path("/", "web");
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static ForeignFollower follower;

  @BeforeAll
  static void startFollower() {
    follower = ForeignFollower.start(MESH.api());
  }

  @AfterAll
  static void stopFollower() {
    if (follower != null) {
      follower.close();
    }
  }

  @BeforeEach
  void startWell() {
    Awaitility.setDefaultTimeout(PATIENCE);
    MESH.local().awaitReady(new Progress(System.out));
    await().until(() -> follower.ready());
  }

  @Test
  void itIsCountedByNameLikeAnyOther() {
    assertThat(condition()).isEqualTo("True");
    JsonNode replica = seenByLeader();
    assertThat(replica.path("state").asText()).isEqualTo("in-sync");
    assertThat(replica.path("role").asText()).isEqualTo("follower");
    assertThat(replica.path("http").asText()).isEqualTo(follower.replica().http().toString());
  }

  @Test
  void aChangeIsOpenOnlyOnceItServesIt() {
    for (int i = 0; i < 10; i++) {
      String host = "foreign-" + i + ".localhost";
      Ingress created = route("foreign", host);
      Answer open = barrier(created, State.PRESENT, PATIENCE);
      assertThat(follower.routes(MESH.traffic(), host)).isTrue();
      assertThat(open.open()).as("%s", open.body()).isTrue();
      assertThat(pods(open, "applied")).hasSize(3).contains(follower.pod());
      assertThat(follower.version(MESH.traffic()))
          .isGreaterThanOrEqualTo(open.body().path("version").asLong());
    }
    Ingress last = route("foreign", "foreign-0.localhost");
    MESH.delete(last);
    assertThat(barrier(last, State.ABSENT, PATIENCE).open()).isTrue();
    assertThat(follower.routes(MESH.traffic(), "foreign-0.localhost")).isFalse();
  }

  @Test
  void whatItRefusesIsShownWithItsReasonAndItIsFenced() {
    Ingress refused = route("refused", ForeignFollower.REFUSED_HOST);
    try {
      Answer late = barrier(refused, State.PRESENT, Duration.ofSeconds(4));
      assertThat(late.status()).as("%s", late.body()).isEqualTo(504);
      assertThat(pods(late, "pending")).containsExactly(follower.pod());
      assertThat(late.body().toString()).contains("told to refuse the host");
      assertThat(seenByLeader().path("lastNack").asText()).contains("told to refuse the host");

      Answer open = barrier(refused, State.PRESENT, PATIENCE);
      assertThat(open.open()).as("%s", open.body()).isTrue();
      assertThat(pods(open, "excluded")).containsExactly(follower.pod());
      assertThat(condition()).isEqualTo("False");
    } finally {
      MESH.delete(refused);
    }
    await().until(() -> condition().equals("True"));
    Ingress next = route("after", "after.localhost");
    assertThat(pods(barrier(next, State.PRESENT, PATIENCE), "applied")).contains(follower.pod());
  }

  @Test
  void whileItIsStoppedTheBarrierWaitsUntilItIsFenced() {
    follower.pause();
    Ingress change = route("paused", "paused.localhost");
    try {
      Answer late = barrier(change, State.PRESENT, Duration.ofSeconds(4));
      assertThat(late.status()).as("%s", late.body()).isEqualTo(504);
      assertThat(pods(late, "pending")).containsExactly(follower.pod());
      assertThat(condition()).isEqualTo("True");

      Answer open = barrier(change, State.PRESENT, PATIENCE);
      assertThat(open.open()).as("%s", open.body()).isTrue();
      assertThat(pods(open, "excluded")).containsExactly(follower.pod());
      assertThat(condition()).isEqualTo("False");
    } finally {
      follower.resume();
    }
    await().until(() -> condition().equals("True"));
    assertThat(follower.log()).contains("was paused");
    assertThat(follower.routes(MESH.traffic(), "paused.localhost")).isTrue();
  }

  @Test
  void killedItComesBackWithWhatItHeldAndWithoutItFetchesTheWhole() {
    // More entries than go over the link, so the whole must come by HTTPS.
    Ingress large = manyHosts();
    assertThat(barrier(large, State.PRESENT, PATIENCE).open()).isTrue();
    killAndAwaitReturn(() -> {});
    assertThat(follower.routes(MESH.traffic(), "many-299.localhost")).isTrue();
    String before = follower.log();
    killAndAwaitReturn(follower::loseDisk);
    assertThat(follower.log().substring(before.length())).contains("fetched the whole");
    assertThat(follower.routes(MESH.traffic(), "many-299.localhost")).isTrue();
    MESH.delete(large);
    assertThat(barrier(large, State.ABSENT, PATIENCE).open()).isTrue();
  }

  @Test
  void itFollowsTheNextLeader() {
    long epoch = MESH.onLease("epoch");
    MESH.kubelet().kill(MESH.leader().orElseThrow().pod());
    await().until(() -> MESH.onLease("epoch") > epoch);
    awaitServed("next");
  }

  /** A leader that leaves may name it: then nobody may be stuck with that. */
  @Test
  void aLeaseThatItIsHandedItGivesBack() {
    long epoch = MESH.onLease("epoch");
    String named = follower.replicaId();
    MESH.client()
        .leases()
        .inNamespace("lockstep-system")
        .withName("lockstep")
        // Without a resourceVersion: the leader writes the Lease all the time.
        .patch(
            PatchContext.of(PatchType.JSON_MERGE),
            "{\"spec\": {\"holderIdentity\": \"" + named + "\"}}");
    await().until(() -> MESH.leader().isPresent() && MESH.onLease("epoch") > epoch);
    assertThat(follower.log()).contains("gave the Lease back");
    awaitServed("handed");
  }

  @Test
  void askedToEndItSaysByeAndLeavesTheSetAtOnce() {
    Ingress before = route("bye", "bye.localhost");
    assertThat(barrier(before, State.PRESENT, PATIENCE).open()).isTrue();
    follower.terminate();
    await().until(() -> condition().equals("False"));
    // It serves on while the removal of its endpoint spreads.
    assertThat(follower.routes(MESH.traffic(), "bye.localhost")).isTrue();
    int restarts = follower.replica().restarts();
    await().until(() -> follower.replica().restarts() > restarts || follower.ready());
    await().until(() -> condition().equals("True"));
  }

  /** Waits until a change is open that the follower has applied. */
  private static void awaitServed(String name) {
    String host = name + ".localhost";
    Ingress change = route(name, host);
    await()
        .ignoreExceptions()
        .until(
            () -> {
              Answer answer = barrier(change, State.PRESENT, PATIENCE);
              return answer.open() && pods(answer, "applied").contains(follower.pod());
            });
    assertThat(follower.routes(MESH.traffic(), host)).isTrue();
  }

  private static Ingress route(String name, String host) {
    return MESH.apply(SampleObjects.ingress(NAMESPACE, name, host, TO_WEB));
  }

  private static Ingress manyHosts() {
    Ingress one = SampleObjects.ingress(NAMESPACE, "many", "many.localhost", TO_WEB);
    IngressRule rule = one.getSpec().getRules().getFirst();
    List<IngressRule> rules =
        IntStream.range(0, 300)
            .mapToObj(i -> "many-" + i + ".localhost")
            .map(host -> new IngressRuleBuilder(rule).withHost(host).build())
            .toList();
    return MESH.apply(new IngressBuilder(one).editSpec().withRules(rules).endSpec().build());
  }

  private static void killAndAwaitReturn(Runnable between) {
    int restarts = follower.replica().restarts();
    follower.kill();
    between.run();
    await().until(() -> follower.replica().restarts() > restarts && follower.ready());
    await().until(() -> seenByLeader().path("state").asText().equals("in-sync"));
  }

  private static Answer barrier(Ingress object, State state, Duration timeout) {
    URI leader = MESH.leader().orElseThrow().api();
    return MESH.barrierAt(leader, object, state, timeout);
  }

  private static Set<String> pods(Answer answer, String list) {
    return answer
        .body()
        .path(list)
        .valueStream()
        .map(it -> it.path("pod").asText())
        .collect(Collectors.toSet());
  }

  private static JsonNode seenByLeader() {
    JsonNode all = MESH.ask(MESH.leader().orElseThrow(), "/v1/replicas").path("replicas");
    return StreamSupport.stream(all.spliterator(), false)
        .filter(it -> it.path("pod").asText().equals(follower.pod()))
        .findFirst()
        .orElseThrow();
  }

  private static String condition() {
    return MESH
        .client()
        .pods()
        .inNamespace("lockstep-system")
        .withName(follower.pod())
        .require()
        .getStatus()
        .getConditions()
        .stream()
        .filter(it -> it.getType().equals("lockstep.dev/in-sync"))
        .map(PodCondition::getStatus)
        .findFirst()
        .orElse("absent");
  }
}
