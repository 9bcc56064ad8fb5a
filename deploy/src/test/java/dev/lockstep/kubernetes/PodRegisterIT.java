package dev.lockstep.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.agent.kubernetes.KubernetesShell;
import dev.lockstep.core.config.Epoch;
import dev.lockstep.core.config.Version;
import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.Event;
import dev.lockstep.core.protocol.Pod;
import dev.lockstep.core.protocol.PodId;
import dev.lockstep.local.cluster.AuditLog.Request;
import io.fabric8.kubernetes.api.model.PodConditionBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import java.time.Duration;
import org.assertj.core.groups.Tuple;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A pod on a real API server is the register that the protocol needs. */
@ExtendWith(LiveApi.Shared.class)
final class PodRegisterIT {
  private static final Epoch EPOCH = new Epoch(7);

  private final Recorder events = new Recorder();
  private final LiveApi api;
  private String namespace;
  private Pods pods;
  private KubernetesShell shell;

  PodRegisterIT(LiveApi api) {
    this.api = api;
  }

  @BeforeEach
  void open() {
    namespace = api.newNamespace();
    var account = new ServiceAccountBuilder().withNewMetadata();
    api.admin()
        .resource(account.withNamespace(namespace).withName("lockstep").endMetadata().build())
        .create();
    pods = new Pods(api.admin(), namespace);
    shell = api.shell(namespace, events);
  }

  @AfterEach
  void close() {
    shell.close();
  }

  @Test
  void podsAreListedAndThenFollowed() {
    PodId first = pods.create("a");
    pods.createForeign("x");
    shell.execute(new Effect.FollowPods(EPOCH));
    Event.PodsListed listed = events.only(Event.PodsListed.class);
    assertThat(listed.epoch()).isEqualTo(EPOCH);
    assertThat(listed.pods()).extracting(Pod::id).containsExactly(first);
    PodId second = pods.create("b");
    assertThat(events.only(Event.PodSeen.class).pod().id()).isEqualTo(second);
    pods.delete("a");
    assertThat(events.next(Event.PodGone.class).pod()).isEqualTo(first);
    shell.execute(new Effect.UnfollowPods());
  }

  @Test
  void aPodThatWasMadeAgainIsAnother() {
    pods.create("a");
    shell.execute(new Effect.FollowPods(EPOCH));
    Pod first = events.only(Event.PodsListed.class).pods().getFirst();
    pods.delete("a");
    PodId second = pods.create("a");
    assertThat(events.next(Event.PodGone.class).pod()).isEqualTo(first.id());
    events.next(Event.PodSeen.class, seen -> seen.pod().id().equals(second));
    shell.execute(write(first, Pod.Condition.IN_SYNC));
    events.next(Event.PodWriteUnresolved.class);
    assertThat(pods.get("a").getStatus().getConditions())
        .noneMatch(condition -> condition.getType().equals("lockstep.dev/in-sync"));
    shell.execute(new Effect.ReadPod(first.id()));
    assertThat(events.next(Event.PodGone.class).pod()).isEqualTo(first.id());
    assertThat(events.next(Event.PodSeen.class).pod().id()).isEqualTo(second);
  }

  @Test
  void conditionAndStampAreOneWrite() {
    Pod before = read(pods.create("a"));
    assertThat(before.condition()).isEqualTo(Pod.Condition.NOT_IN_SYNC);
    assertThat(before.gate()).isEqualTo(Pod.Gate.PRESENT);
    shell.execute(write(before, Pod.Condition.IN_SYNC));
    Pod written = events.only(Event.PodWritten.class).pod();
    assertThat(written)
        .isEqualTo(
            new Pod(
                before.id(),
                written.resourceVersion(),
                Pod.Condition.IN_SYNC,
                EPOCH,
                new Version(42),
                "router1",
                before.process(),
                before.phase(),
                Pod.Gate.PRESENT,
                before.node()));
    assertThat(written.resourceVersion()).isGreaterThan(before.resourceVersion());
    assertThat(read(before.id())).isEqualTo(written);
  }

  @Test
  void aWriteFromAnOlderLookIsUnresolvedAndChangesNothing() {
    Pod before = read(pods.create("a"));
    shell.execute(write(before, Pod.Condition.IN_SYNC));
    Pod written = events.only(Event.PodWritten.class).pod();
    shell.execute(write(before, Pod.Condition.NOT_IN_SYNC));
    assertThat(events.only(Event.PodWriteUnresolved.class).pod()).isEqualTo(before.id());
    assertThat(read(before.id())).isEqualTo(written);
  }

  @Test
  void conditionsOfOthersStay() {
    Pod before = read(pods.create("a"));
    var other = new PodConditionBuilder().withType("example.com/other").withStatus("True").build();
    api.admin()
        .pods()
        .inNamespace(namespace)
        .withName("a")
        .editStatus(pod -> pod.edit().editStatus().addToConditions(other).endStatus().build());
    shell.execute(write(read(before.id()), Pod.Condition.IN_SYNC));
    events.only(Event.PodWritten.class);
    assertThat(pods.get("a").getStatus().getConditions())
        .extracting(condition -> condition.getType())
        .contains("example.com/other", "lockstep.dev/in-sync");
  }

  @Test
  void aPodThatDoesNotExistIsGone() {
    Pod before = read(pods.create("a"));
    pods.delete("a");
    shell.execute(new Effect.ReadPod(before.id()));
    assertThat(events.only(Event.PodGone.class).pod()).isEqualTo(before.id());
    shell.execute(write(before, Pod.Condition.IN_SYNC));
    assertThat(events.only(Event.PodGone.class).pod()).isEqualTo(before.id());
  }

  @Test
  void oneWriteIsOneRequest() {
    Pod before = read(pods.create("a"));
    long mark = api.server().audit().mark();
    shell.execute(write(before, Pod.Condition.IN_SYNC));
    events.only(Event.PodWritten.class);
    Awaitility.await()
        .untilAsserted(
            () ->
                assertThat(api.server().audit().requestsFrom(mark))
                    .filteredOn(request -> request.userAgent().endsWith(namespace))
                    .extracting(Request::verb, Request::resource, Request::code)
                    .containsExactly(Tuple.tuple("patch", "pods/status", 200)));
  }

  @Test
  void anEvictionHitsTheIncarnationThatWasMeant() {
    PodId first = pods.create("a");
    pods.delete("a");
    PodId second = pods.create("a");
    shell.execute(new Effect.EvictPod(first, "test"));
    shell.execute(new Effect.FollowPods(EPOCH));
    events.only(Event.PodsListed.class);
    // The API server itself tries for ten seconds whether the conflict goes away.
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () ->
                assertThat(api.server().audit().requests())
                    .filteredOn(request -> request.userAgent().endsWith(namespace))
                    .extracting(Request::resource)
                    .contains("pods/eviction"));
    assertThat(pods.get("a").getMetadata().getUid()).isEqualTo(second.uid());
    shell.execute(new Effect.EvictPod(second, "test"));
    assertThat(events.next(Event.PodGone.class).pod()).isEqualTo(second);
  }

  private Pod read(PodId id) {
    shell.execute(new Effect.ReadPod(id));
    return events.only(Event.PodSeen.class).pod();
  }

  private static Effect.WritePod write(Pod base, Pod.Condition condition) {
    return new Effect.WritePod(base, condition, EPOCH, new Version(42), "router1", "applied 42");
  }
}
