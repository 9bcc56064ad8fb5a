package dev.lockstep.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.agent.kubernetes.KubernetesShell;
import dev.lockstep.core.config.Backend;
import dev.lockstep.core.config.Epoch;
import dev.lockstep.core.config.ObjectKey;
import dev.lockstep.core.config.RouterConfig;
import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.Event;
import dev.lockstep.core.protocol.Observation;
import dev.lockstep.core.protocol.Observation.State;
import dev.lockstep.core.protocol.Observation.Verdict;
import io.fabric8.kubernetes.api.model.events.v1.EventList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * What happens on a real API server becomes configs, and answers are never older than questions.
 */
@ExtendWith(LiveApi.Shared.class)
final class SourcesIT {
  private static final Epoch EPOCH = new Epoch(3);

  private final Recorder events = new Recorder();
  private final LiveApi api;
  private String namespace;
  private Routes routes;
  private KubernetesShell shell;

  SourcesIT(LiveApi api) {
    this.api = api;
  }

  @BeforeEach
  void open() {
    namespace = api.newNamespace();
    routes = new Routes(api.admin(), namespace);
    shell = api.shell(namespace, events);
  }

  @AfterEach
  void close() {
    shell.close();
  }

  @Test
  void theFirstConfigHoldsAllThatWasThere() {
    long slice = routes.service("web", "10.1.2.3");
    long ingress = routes.ingress("web", "shop", "web");
    start();
    Event.SourcesObserved first = events.only(Event.SourcesObserved.class);
    assertThat(first.epoch()).isEqualTo(EPOCH);
    assertThat(endpoints(first.config())).containsExactly("10.1.2.3:8080");
    assertThat(first.observations())
        .contains(
            routed(key("Ingress", "web"), ingress), routed(key("EndpointSlice", "web"), slice));
  }

  @Test
  void changesFollow() {
    start();
    events.only(Event.SourcesObserved.class);
    long created = routes.ingress("web", "shop", "web");
    Event.SourcesObserved after = await(key("Ingress", "web"), created);
    assertThat(after.config().routes(routes.host("shop"))).hasSize(1);
    long slice = routes.service("web", "10.1.2.3");
    assertThat(endpoints(await(key("EndpointSlice", "web"), slice).config()))
        .containsExactly("10.1.2.3:8080");
    long moved = routes.ingress("web", "other", "web");
    after = await(key("Ingress", "web"), moved);
    assertThat(after.config().routes(routes.host("shop"))).isEmpty();
    assertThat(after.config().routes(routes.host("other"))).hasSize(1);
    routes.delete("Ingress", "web");
    after =
        events.next(
            Event.SourcesObserved.class,
            event -> event.observations().stream().anyMatch(o -> o.state() == State.ABSENT));
    assertThat(after.config().routes(routes.host("other"))).isEmpty();
    assertThat(endpoints(after.config())).isEmpty();
  }

  @Test
  void anAnswerIsNeverOlderThanTheQuestionNorAheadOfTheConfig() {
    start();
    RouterConfig config = events.only(Event.SourcesObserved.class).config();
    for (int i = 1; i <= 20; i++) {
      ObjectKey key = key("Ingress", "web" + i);
      long created = routes.ingress("web" + i, "shop" + i, "web");
      Answered present = ask(i, key, config);
      assertThat(present.observation().state()).isEqualTo(State.PRESENT);
      assertThat(present.observation().resourceVersion()).isGreaterThanOrEqualTo(created);
      assertThat(present.config().routes(routes.host("shop" + i))).hasSize(1);
      routes.delete("Ingress", "web" + i);
      Answered absent = ask(-i, key, present.config());
      assertThat(absent.observation().state()).isEqualTo(State.ABSENT);
      assertThat(absent.observation().resourceVersion()).isGreaterThan(created);
      assertThat(absent.config().routes(routes.host("shop" + i))).isEmpty();
      config = absent.config();
    }
  }

  @Test
  void whatIsNotOursIsSaidToBeIgnored() {
    start();
    events.only(Event.SourcesObserved.class);
    long service = routes.service("alone", "10.1.2.3");
    routes.apply(
        """
        apiVersion: v1
        kind: Secret
        metadata: {name: opaque, namespace: %s}
        type: Opaque
        """
            .formatted(namespace));
    shell.execute(new Effect.ReadObject(1, key("EndpointSlice", "alone")));
    Observation alone = events.only(Event.ObjectObserved.class).observation();
    assertThat(alone.resourceVersion()).isEqualTo(service);
    assertThat(alone.verdict()).isEqualTo(Verdict.IGNORED);
    shell.execute(new Effect.ReadObject(2, key("Secret", "opaque")));
    Observation opaque = events.only(Event.ObjectObserved.class).observation();
    assertThat(opaque.state()).isEqualTo(State.PRESENT);
    assertThat(opaque.verdict()).isEqualTo(Verdict.IGNORED);
    shell.execute(new Effect.ReadObject(3, key("ConfigMap", "any")));
    assertThat(events.only(Event.ObjectReadFailed.class).question()).isEqualTo(3);
  }

  @Test
  void questionsOutsideOfALeadershipFailAtOnce() {
    shell.execute(new Effect.ReadObject(1, key("Ingress", "web")));
    assertThat(events.only(Event.ObjectReadFailed.class).question()).isEqualTo(1);
    start();
    shell.execute(new Effect.ReadObject(2, key("Ingress", "web")));
    shell.execute(new Effect.StopSources());
    shell.execute(new Effect.ReadObject(3, key("Ingress", "web")));
    assertThat(events.next(Event.ObjectReadFailed.class, e -> e.question() == 2)).isNotNull();
    assertThat(events.next(Event.ObjectReadFailed.class, e -> e.question() == 3)).isNotNull();
  }

  @Test
  void anApiServerThatIsAwayTakesNothingBack() {
    start();
    events.only(Event.SourcesObserved.class);
    long created = routes.ingress("web", "shop", "web");
    await(key("Ingress", "web"), created);
    api.server().stop();
    api.server().start();
    long later = routes.ingress("later", "later", "web");
    Event.SourcesObserved after = await(key("Ingress", "later"), later);
    assertThat(after.config().routes(routes.host("shop"))).hasSize(1);
    assertThat(after.config().routes(routes.host("later"))).hasSize(1);
  }

  @Test
  void theOwnerOfABadObjectIsToldOnTheObject() {
    start();
    routes.app("bad", "office");
    Awaitility.await()
        .untilAsserted(
            () ->
                assertThat(eventsOf("bad").getItems())
                    .singleElement()
                    .satisfies(
                        told -> {
                          assertThat(told.getReason()).isEqualTo("Quarantined");
                          assertThat(told.getNote()).contains("'office'");
                          assertThat(told.getRegarding().getKind()).isEqualTo("Service");
                        }));
    // The next leader finds the same, and the API server refuses to have it twice.
    try (KubernetesShell next = api.shell(namespace, events)) {
      next.execute(new Effect.StartSources(EPOCH.next(), RouterConfig.EMPTY));
      long other = routes.app("worse", "nobody knows");
      await(key("Service", "worse"), other);
      Awaitility.await().untilAsserted(() -> assertThat(eventsOf("worse").getItems()).hasSize(1));
    }
    assertThat(eventsOf("bad").getItems()).hasSize(1);
  }

  private EventList eventsOf(String name) {
    return api.admin()
        .events()
        .v1()
        .events()
        .inNamespace(namespace)
        .withField("regarding.name", name)
        .list();
  }

  private void start() {
    shell.execute(new Effect.StartSources(EPOCH, RouterConfig.EMPTY));
  }

  private record Answered(Observation observation, RouterConfig config) {}

  /** Asks, and remembers the last config that came before the answer. */
  private Answered ask(long question, ObjectKey key, RouterConfig before) {
    shell.execute(new Effect.ReadObject(question, key));
    RouterConfig config = before;
    while (true) {
      switch (events.only(Event.class)) {
        case Event.SourcesObserved observed -> config = observed.config();
        case Event.ObjectObserved answer -> {
          assertThat(answer.question()).isEqualTo(question);
          return new Answered(answer.observation(), config);
        }
        case Event other -> throw new AssertionError("unexpected: " + other);
      }
    }
  }

  private Event.SourcesObserved await(ObjectKey key, long resourceVersion) {
    return events.next(
        Event.SourcesObserved.class,
        event ->
            event.observations().stream()
                .anyMatch(
                    seen ->
                        seen.object().equals(key) && seen.resourceVersion() == resourceVersion));
  }

  private ObjectKey key(String kind, String name) {
    String group =
        switch (kind) {
          case "Ingress" -> "networking.k8s.io";
          case "EndpointSlice" -> "discovery.k8s.io";
          default -> "";
        };
    return new ObjectKey(group, kind, namespace, name);
  }

  private static Observation routed(ObjectKey key, long resourceVersion) {
    return new Observation(key, resourceVersion, State.PRESENT, Verdict.ROUTED, "");
  }

  private List<String> endpoints(RouterConfig config) {
    return config
        .backend(new Backend.Id(namespace, "web", "80"))
        .map(backend -> backend.endpoints().stream().map(Object::toString).toList())
        .orElse(List.of());
  }
}
