package dev.lockstep.agent.kubernetes.translate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.agent.kubernetes.parse.SourceKind;
import dev.lockstep.core.config.Backend;
import dev.lockstep.core.config.RouterConfig;
import dev.lockstep.core.protocol.Observation;
import dev.lockstep.core.protocol.Observation.State;
import dev.lockstep.core.protocol.Observation.Verdict;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Changes of objects become changes of the config, no more and no less. */
final class TranslatorTest {
  private static final Backend.Id WEB = new Backend.Id("a", "web", "80");

  @Test
  void aRouteHasItsBackendAndTheBackendItsEndpoints() {
    World world =
        new World()
            .ingress("a/web", "shop.test", "/", "web")
            .service("a/web")
            .slice("a/web-1", "web", "10.0.0.1", "10.0.0.2")
            .settle();
    assertThat(world.served("shop.test")).isEqualTo("/ -> a/web:80");
    assertThat(endpoints(world)).containsExactly("10.0.0.1:8080", "10.0.0.2:8080");
    assertThat(endpoints(world.slice("a/web-1", "web", "10.0.0.3").settle()))
        .containsExactly("10.0.0.3:8080");
    assertThat(endpoints(world.delete(SourceKind.ENDPOINT_SLICE, "a/web-1").settle())).isEmpty();
    world.delete(SourceKind.INGRESS, "a/web").settle();
    assertThat(world.config().entries().values()).isEmpty();
  }

  @Test
  void aRouteWithoutAServiceHasABackendWithoutEndpoints() {
    World world = new World().ingress("a/web", "shop.test", "/", "web").settle();
    assertThat(endpoints(world)).isEmpty();
    assertThat(world.config().backend(WEB)).isPresent();
    assertThat(world.said(SourceKind.INGRESS, "a/web").reason()).contains("does not exist");
    world.service("a/web").settle();
    assertThat(world.said(SourceKind.INGRESS, "a/web").reason()).isEmpty();
  }

  @Test
  void aSliceThatMovesToAnotherServiceLeavesTheFirst() {
    World world =
        new World()
            .ingress("a/web", "shop.test", "/", "web")
            .service("a/web")
            .slice("a/s", "web", "10.0.0.1")
            .settle();
    assertThat(endpoints(world.slice("a/s", "other", "10.0.0.1").settle())).isEmpty();
  }

  @Test
  void whatChangesNothingKeepsTheConfig() {
    World world =
        new World()
            .ingress("a/web", "shop.test", "/", "web")
            .service("a/web")
            .slice("a/s", "web", "10.0.0.1")
            .settle();
    RouterConfig before = world.config();
    world.ingress("a/web", "shop.test", "/", "web").slice("a/s", "web", "10.0.0.1").settle();
    assertThat(world.config()).isSameAs(before);
    // The objects are newer all the same: somebody may wait for just that.
    assertThat(world.news())
        .extracting(observation -> observation.object().kind())
        .containsExactlyInAnyOrder("Ingress", "EndpointSlice");
    world.service("b/foreign").slice("b/s", "foreign", "10.0.0.9").settle();
    assertThat(world.config()).isSameAs(before);
    assertThat(world.news()).isEmpty();
  }

  @Test
  void onlyIngressesOfOurClassAreServed() {
    String rest = "defaultBackend: {service: {name: web, port: {number: 80}}}";
    World world =
        new World()
            .ingress("a/ours", "ingressClassName: lockstep\n" + rest)
            .ingress("b/theirs", "ingressClassName: nginx\n" + rest)
            .ingress("c/nobodys", rest)
            .settle();
    assertThat(world.served("*")).isEqualTo("/ -> a/web:80");
    assertThat(world.news())
        .extracting(observation -> observation.object().namespace())
        .containsOnly("a");
    world.delete(SourceKind.INGRESS, "a/ours").settle();
    assertThat(world.served("*")).isEmpty();
    world.defaultClass("lockstep", "example.com/other").settle();
    assertThat(world.served("*")).isEmpty();
    world.defaultClass("lockstep", "lockstep.dev/ingress").settle();
    assertThat(world.served("*")).isEqualTo("/ -> c/web:80");
    world.delete(SourceKind.INGRESS_CLASS, "/lockstep").settle();
    assertThat(world.served("*")).isEmpty();
    assertThat(world.said(SourceKind.INGRESS, "c/nobodys").verdict()).isEqualTo(Verdict.IGNORED);
  }

  @Test
  void theFirstReportIsAboutEverythingThatConcernsUs() {
    World world =
        new World()
            .ingress("a/web", "shop.test", "/", "web")
            .service("a/web")
            .slice("a/s", "web", "10.0.0.1")
            .service("b/foreign")
            .app("b/app", "domains: app")
            .settle();
    assertThat(world.news())
        .extracting(observation -> observation.object().toString() + " " + observation.verdict())
        .containsExactlyInAnyOrder(
            "ingress/a/web ROUTED",
            "service/a/web ROUTED",
            "endpointslice/a/s ROUTED",
            "service/b/app ROUTED");
  }

  @Test
  void anObjectThatIsGoneIsSaidToBeGoneOnce() {
    World world = new World().ingress("a/web", "shop.test", "/", "web").settle();
    world.delete(SourceKind.INGRESS, "a/web").settle();
    assertThat(world.news())
        .singleElement()
        .satisfies(
            gone -> {
              assertThat(gone.state()).isEqualTo(State.ABSENT);
              assertThat(gone.resourceVersion()).isEqualTo(102);
              assertThat(gone.verdict()).isEqualTo(Verdict.IGNORED);
            });
    assertThat(world.settle().news()).isEmpty();
  }

  @Test
  void aServiceThatLosesItsLabelIsSaidToBeIgnoredOnce() {
    World world = new World().app("a/web", "domains: web").settle().service("a/web").settle();
    assertThat(world.served("web.apps.test")).isEmpty();
    assertThat(world.news()).extracting(Observation::verdict).containsExactly(Verdict.IGNORED);
    assertThat(world.service("a/web").settle().news()).isEmpty();
  }

  @Test
  void aFailOverChangesNothing() {
    World world =
        new World()
            .ingress("a/web", "shop.test", "/", "web")
            .service("a/web")
            .slice("a/s", "web", "10.0.0.1")
            .settle();
    RouterConfig before = world.config();
    assertThat(world.failOver().config()).isEqualTo(before);
    assertThat(world.config().entries().get(Backend.key(WEB)).orElseThrow())
        .isSameAs(before.entries().get(Backend.key(WEB)).orElseThrow());
  }

  @Test
  void aFailOverDropsWhatWasDeletedMeanwhile() {
    World world =
        new World()
            .ingress("a/web", "shop.test", "/", "web")
            .ingress("a/gone", "gone.test", "/", "web")
            .settle();
    RouterConfig served = world.config();
    World next = new World(served).ingress("a/web", "shop.test", "/", "web").settle();
    assertThat(next.served("gone.test")).isEmpty();
    assertThat(next.served("shop.test")).isEqualTo("/ -> a/web:80");
  }

  /** However many steps led there, and in whatever batches: the objects decide. */
  @Test
  void stepsLeadWhereTheObjectsSay() {
    for (long seed = 0; seed < 300; seed++) {
      Random random = new Random(seed);
      World world = new World();
      for (int step = 0; step < 40; step++) {
        change(world, random);
        if (random.nextInt(3) == 0) {
          world.settle();
        }
      }
      world.settle();
      assertThat(world.config().digest().hex()).as("seed %d", seed).isEqualTo(world.fromScratch());
    }
  }

  /** One namespace, good objects: what is served then depends on the objects alone. */
  private static void change(World world, Random random) {
    String name = "a/n" + random.nextInt(3);
    String host = "h" + random.nextInt(3) + ".test";
    String service = "n" + random.nextInt(3);
    switch (random.nextInt(7)) {
      case 0, 1 -> world.ingress(name, host, "/" + random.nextInt(2), service);
      case 2 -> world.app(name, "domains: '" + host + ",x.test'");
      case 3 -> world.service(name);
      case 4 -> world.slice(name, service, "10.0.0." + (1 + random.nextInt(3)));
      case 5 -> world.delete(SourceKind.INGRESS, name);
      default ->
          world.delete(
              List.of(SourceKind.SERVICE, SourceKind.ENDPOINT_SLICE).get(random.nextInt(2)), name);
    }
  }

  private static List<String> endpoints(World world) {
    return world
        .config()
        .backend(WEB)
        .map(backend -> backend.endpoints().stream().map(Object::toString).toList())
        .orElse(List.of());
  }
}
