package dev.lockstep.agent.mesh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lockstep.core.config.Delta;
import dev.lockstep.core.config.Epoch;
import dev.lockstep.core.config.RouterConfig;
import dev.lockstep.core.config.Version;
import dev.lockstep.core.protocol.Address;
import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.Event;
import dev.lockstep.core.protocol.LinkId;
import dev.lockstep.core.protocol.Message;
import dev.lockstep.core.protocol.PodId;
import dev.lockstep.core.protocol.ReplicaId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MeshLinkTest {
  private final List<AutoCloseable> open = new ArrayList<>();
  private TestReplica leader;
  private TestReplica follower;

  @BeforeEach
  void start() {
    leader = replica("leader", Settings.PATIENT);
    follower = replica("follower", Settings.PATIENT);
  }

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable closeable : open) {
      closeable.close();
    }
  }

  private TestReplica replica(String name, MeshSettings settings) {
    TestReplica replica = new TestReplica(name, settings);
    open.add(replica);
    return replica;
  }

  private TcpProxy proxyTo(TestReplica replica) {
    TcpProxy proxy = new TcpProxy(replica.port);
    open.add(proxy);
    return proxy;
  }

  @Test
  void twoReplicasTalk() {
    LinkId up = follower.connected(leader.address());
    Event.FollowerConnected down = leader.await(Event.FollowerConnected.class);
    assertThat(down.pod()).isEqualTo(follower.pod);
    assertThat(down.link().number()).isGreaterThanOrEqualTo(1L << 32);

    follower.send(up, follower.hello());
    leader.awaitMessage(down.link(), follower.hello());
    Message welcome =
        new Message.Welcome(
            new Epoch(2), "router2", new Version(3), TestReplica.DIGEST, List.of(leader.address()));
    leader.send(down.link(), welcome);
    follower.awaitMessage(up, welcome);
  }

  @Test
  void messagesOfOneLinkKeepTheirOrder() {
    LinkId up = follower.connected(leader.address());
    LinkId down = leader.await(Event.FollowerConnected.class).link();
    for (int i = 0; i < 2_000; i++) {
      follower.send(up, TestReplica.heartbeat(i));
      leader.send(down, i % 10 == 0 ? push(i, 20_000) : TestReplica.reply(i));
    }
    leader.awaitMessage(down, TestReplica.heartbeat(1_999));
    follower.awaitMessage(up, TestReplica.reply(1_999));

    assertThat(leader.all(Event.Received.class).stream().map(Event.Received::message))
        .isEqualTo(numbered(2_000, TestReplica::heartbeat));
    assertThat(follower.all(Event.Received.class).stream().map(Event.Received::message))
        .isEqualTo(numbered(2_000, i -> i % 10 == 0 ? push(i, 20_000) : TestReplica.reply(i)));
  }

  private static List<Message> numbered(int count, Function<Integer, Message> make) {
    List<Message> messages = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      messages.add(make.apply(i));
    }
    return messages;
  }

  private static Message push(long number, int size) {
    List<String> removals = new ArrayList<>();
    for (int i = 0; i < size / 1_000; i++) {
      removals.add("x".repeat(1_000));
    }
    return new Message.Push(
        new Epoch(1),
        new Delta(
            new Version(number),
            new Version(number + 1),
            TestReplica.DIGEST,
            new RouterConfig.Changes(List.of(), removals)));
  }

  @Test
  void aDisconnectedLinkIsSilentHereAndLostThere() {
    LinkId up = follower.connected(leader.address());
    LinkId down = leader.await(Event.FollowerConnected.class).link();

    follower.shell.execute(new Effect.Disconnect(up, "enough"));
    int before = follower.events.size();
    assertThat(leader.await(Event.LinkLost.class))
        .isEqualTo(new Event.LinkLost(down, "closed by the other side: 1000 enough"));
    follower.send(up, TestReplica.heartbeat(1));
    follower.connected(leader.address());

    assertThat(follower.events.subList(before, follower.events.size()))
        .noneMatch(event -> event instanceof Event.LinkLost);
    assertThat(leader.all(Event.LinkLost.class)).hasSize(1);
  }

  @Test
  void aLeaderThatGoesAwayIsLostOnce() {
    LinkId up = follower.connected(leader.address());

    leader.close();

    assertThat(follower.await(Event.LinkLost.class).link()).isEqualTo(up);
    awaitNoConnections(leader);
    assertThat(follower.all(Event.LinkLost.class)).hasSize(1);
    assertThat(leader.all(Event.LinkLost.class)).isEmpty();
  }

  @Test
  void aConnectThatCannotWorkIsLostOnceWithItsReason() {
    String pin = leader.identity.spkiSha256();
    int refusing = closedPort();
    Address nothing = TestReplica.addressOf(refusing, pin);
    List<LinkId> links =
        List.of(
            follower.connect(nothing),
            follower.connect(new Address("gopher://x", pin, "", "", "")),
            follower.connect(new Address("http://127.0.0.1:1", pin, "", "", "")),
            follower.connect(new Address("https://127.0.0.1", pin, "", "", "")),
            follower.connect(new Address("https://no such host:1", pin, "", "", "")),
            follower.connect(new Address("https://127.0.0.1:1", "short", "", "", "")));

    for (LinkId link : links) {
      follower.await(Event.LinkLost.class, event -> event.link().equals(link));
    }

    assertThat(follower.events).hasSize(links.size());
    assertThat(follower.shell.counters().connectFailures()).isEqualTo(links.size());
  }

  private int closedPort() {
    TestReplica gone = new TestReplica("gone", Settings.PATIENT);
    gone.close();
    return gone.port;
  }

  @Test
  void aLeaderThatNeverAnswersIsGivenUp() {
    TcpProxy proxy = proxyTo(leader);
    proxy.freeze();
    TestReplica hasty = replica("hasty", MeshSettings.STANDARD);

    LinkId link = hasty.connect(leader.address(proxy.port()));

    assertThat(hasty.await(Event.LinkLost.class).link()).isEqualTo(link);
    assertThat(leader.tokensSeen).isEmpty();
  }

  @Test
  void aDisconnectDuringTheConnectIsFinal() {
    leader.token = "unused.unused.unused";
    follower.token = TestReplica.tokenOf("endless");
    LinkId link = follower.connect(leader.address());
    await().until(() -> !leader.tokensSeen.isEmpty());

    follower.shell.execute(new Effect.Disconnect(link, "changed my mind"));
    follower.token = TestReplica.tokenOf("follower");
    follower.connected(leader.address());

    assertThat(follower.all(Event.LinkLost.class)).isEmpty();
  }

  @Test
  void aHalfOpenConnectionIsLostOnBothSides() {
    MeshSettings nervous = Settings.with("linkIdleTimeout", Duration.ofMillis(400));
    TestReplica first = replica("first", nervous);
    TestReplica second = replica("second", nervous);
    TcpProxy proxy = proxyTo(first);
    LinkId up = second.connected(first.address(proxy.port()));
    LinkId down = first.await(Event.FollowerConnected.class).link();

    proxy.freeze();

    assertThat(first.await(Event.LinkLost.class).link()).isEqualTo(down);
    assertThat(second.await(Event.LinkLost.class).link()).isEqualTo(up);
    assertThat(first.shell.counters().silent()).isEqualTo(1);
    awaitNoConnections(first);
  }

  @Test
  void aResetInTheMiddleOfAFrameLosesTheLinkOnce() {
    TcpProxy proxy = proxyTo(leader);
    LinkId up = follower.connected(leader.address(proxy.port()));
    LinkId down = leader.await(Event.FollowerConnected.class).link();
    proxy.limitToClients(20);

    leader.send(down, push(1, 2_000_000));
    await().until(() -> proxy.bytesToClients.get() > 40_000);
    proxy.reset();

    assertThat(follower.await(Event.LinkLost.class).link()).isEqualTo(up);
    assertThat(leader.await(Event.LinkLost.class).link()).isEqualTo(down);
    awaitNoConnections(leader);
    assertThat(follower.all(Event.LinkLost.class)).hasSize(1);
    assertThat(follower.all(Event.Received.class)).isEmpty();
  }

  @Test
  void aFollowerThatDoesNotReadIsDisconnected() {
    TcpProxy proxy = proxyTo(leader);
    follower.connected(leader.address(proxy.port()));
    LinkId down = leader.await(Event.FollowerConnected.class).link();
    proxy.freeze();

    Message large = push(1, 4_000_000);
    for (int i = 0; i < 40 && leader.all(Event.LinkLost.class).isEmpty(); i++) {
      leader.send(down, large);
    }

    assertThat(leader.await(Event.LinkLost.class))
        .isEqualTo(new Event.LinkLost(down, "the other side does not read"));
    assertThat(leader.shell.counters().slowReaders()).isEqualTo(1);
    awaitNoConnections(leader);
  }

  @Test
  void aPushThatIsTooLargeClosesTheLinkInsteadOfBlockingIt() {
    LinkId up = follower.connected(leader.address());
    LinkId down = leader.await(Event.FollowerConnected.class).link();

    leader.send(down, push(1, MeshSettings.STANDARD.maxLeaderMessage() + 1_000));

    assertThat(leader.await(Event.LinkLost.class).reason()).contains("too large");
    assertThat(follower.await(Event.LinkLost.class).link()).isEqualTo(up);
    assertThat(leader.shell.counters().oversized()).isEqualTo(1);
  }

  @Test
  void aHelloForAnotherPodIsRefused() {
    record Case(String name, PodId pod, ReplicaId replica) {}
    List<Case> cases =
        List.of(
            new Case("another pod", new PodId("other", "uid-of-other"), replicaId("other")),
            new Case("another incarnation", new PodId("follower", "new"), replicaId("follower")),
            new Case("another name in the id", follower.pod, replicaId("other")));
    for (Case wrong : cases) {
      LinkId up = follower.connected(leader.address());
      Message.Hello own = follower.hello();
      follower.send(
          up,
          new Message.Hello(
              wrong.replica(),
              wrong.pod(),
              own.epochSeen(),
              own.versionSeen(),
              own.applied(),
              own.digest(),
              own.address(),
              own.build()));

      Event.LinkLost lost = follower.await(Event.LinkLost.class, event -> event.link().equals(up));
      assertThat(lost.reason()).as(wrong.name()).contains("1008").contains("another pod");
    }
    await().until(() -> leader.all(Event.LinkLost.class).size() == cases.size());
    assertThat(leader.all(Event.Received.class)).isEmpty();
    assertThat(leader.shell.counters().wrongPods()).isEqualTo(cases.size());
  }

  private static ReplicaId replicaId(String pod) {
    return new ReplicaId(pod, "boot");
  }

  @Test
  void whoSpeaksOutOfItsRoleIsRefused() {
    LinkId up = follower.connected(leader.address());
    follower.send(up, TestReplica.reply(1));
    follower.await(Event.LinkLost.class, event -> event.link().equals(up));

    LinkId again = follower.connected(leader.address());
    LinkId down = leader.all(Event.FollowerConnected.class).getLast().link();
    leader.send(down, TestReplica.heartbeat(1));
    follower.await(Event.LinkLost.class, event -> event.link().equals(again));

    assertThat(leader.all(Event.Received.class)).isEmpty();
    assertThat(follower.all(Event.Received.class)).isEmpty();
  }

  private static void awaitNoConnections(TestReplica replica) {
    await()
        .atMost(TestReplica.PATIENCE)
        .untilAsserted(() -> assertThat(replica.shell.openConnections()).isZero());
  }
}
