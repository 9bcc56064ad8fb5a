package dev.lockstep.agent.kubernetes.translate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.agent.kubernetes.parse.SourceKind;
import dev.lockstep.core.protocol.Observation.Verdict;
import org.junit.jupiter.api.Test;

/** A host belongs to a namespace, and who has it keeps it. */
final class HostOwnershipTest {
  private static final String HOST = "shop.test";

  @Test
  void ofStrangersAtAColdStartTheOldestObjectWins() {
    World world =
        new World().ingress("b/old", HOST, "/", "b").ingress("a/new", HOST, "/", "a").settle();
    assertThat(world.served(HOST)).isEqualTo("/ -> b/b:80");
    var loser = world.said(SourceKind.INGRESS, "a/new");
    assertThat(loser.verdict()).isEqualTo(Verdict.IGNORED);
    assertThat(loser.reason()).contains("host shop.test belongs to namespace b");
    assertThat(world.complaints())
        .filteredOn(complaint -> complaint.object().name().equals("new"))
        .extracting(Translation.Complaint::kind)
        .containsExactly(Translation.Kind.NOT_SERVED);
  }

  @Test
  void anOldObjectThatAddsTheHostLaterDoesNotStealIt() {
    World world =
        new World()
            .ingress("a/old", "other.test", "/", "a")
            .ingress("b/new", HOST, "/", "b")
            .settle()
            .ingress("a/old", HOST, "/", "a")
            .settle();
    assertThat(world.served(HOST)).isEqualTo("/ -> b/b:80");
    assertThat(world.served("other.test")).isEmpty();
  }

  @Test
  void theIncumbentKeepsItAcrossAFailOver() {
    World world =
        new World()
            .ingress("a/old", "other.test", "/", "a")
            .ingress("b/new", HOST, "/", "b")
            .settle()
            .ingress("a/old", HOST, "/", "a")
            .settle()
            .failOver();
    assertThat(world.served(HOST)).isEqualTo("/ -> b/b:80");
    assertThat(world.failOver().served(HOST)).isEqualTo("/ -> b/b:80");
  }

  @Test
  void theHostIsReleasedWithItsLastObject() {
    World world =
        new World()
            .ingress("a/one", HOST, "/1", "a")
            .ingress("a/two", HOST, "/2", "a")
            .ingress("b/next", HOST, "/", "b")
            .settle()
            .delete(SourceKind.INGRESS, "a/one")
            .settle();
    assertThat(world.served(HOST)).isEqualTo("/2 -> a/a:80");
    world.delete(SourceKind.INGRESS, "a/two").settle();
    assertThat(world.served(HOST)).isEqualTo("/ -> b/b:80");
    assertThat(world.said(SourceKind.INGRESS, "b/next").verdict()).isEqualTo(Verdict.ROUTED);
    assertThat(world.said(SourceKind.INGRESS, "b/next").reason()).doesNotContain("belongs");
  }

  @Test
  void objectsOfOneNamespaceMerge() {
    World world =
        new World().ingress("a/one", HOST, "/1", "one").app("a/two", "domains: shop.test").settle();
    assertThat(world.served(HOST)).isEqualTo("/ -> a/two:80, /1 -> a/one:80");
  }

  @Test
  void ofTwoEqualPathsInOneNamespaceTheOlderObjectWins() {
    World world =
        new World()
            .ingress("a/z-old", HOST, "/", "old")
            .ingress("a/a-new", HOST, "/", "new")
            .settle();
    assertThat(world.served(HOST)).isEqualTo("/ -> a/old:80");
    assertThat(world.said(SourceKind.INGRESS, "a/a-new").reason())
        .contains("path / of host shop.test is served by ingress/a/z-old");
    world.delete(SourceKind.INGRESS, "a/z-old").settle();
    assertThat(world.served(HOST)).isEqualTo("/ -> a/new:80");
  }

  @Test
  void aLoserInPartIsStillRouted() {
    World world =
        new World()
            .ingress("b/old", HOST, "/", "b")
            .ingress(
                "a/new",
                """
                ingressClassName: lockstep
                defaultBackend: {service: {name: a, port: {number: 80}}}
                rules: [{host: shop.test}, {host: mine.test}]
                """)
            .settle();
    var loser = world.said(SourceKind.INGRESS, "a/new");
    assertThat(loser.verdict()).isEqualTo(Verdict.ROUTED);
    assertThat(loser.reason()).contains("host shop.test belongs to namespace b");
    assertThat(world.served("mine.test")).isEqualTo("/ -> a/a:80");
  }

  @Test
  void aDefaultBackendYieldsToAnybodysWrittenRule() {
    World world =
        new World()
            .ingress(
                "a/old",
                """
                ingressClassName: lockstep
                defaultBackend: {service: {name: rest, port: {number: 80}}}
                rules: [{host: shop.test}]
                """)
            .ingress("a/new", HOST, "/", "web")
            .settle();
    assertThat(world.served(HOST)).isEqualTo("/ -> a/web:80");
    assertThat(world.served("*")).isEqualTo("/ -> a/rest:80");
    assertThat(world.said(SourceKind.INGRESS, "a/old").verdict()).isEqualTo(Verdict.ROUTED);
  }
}
