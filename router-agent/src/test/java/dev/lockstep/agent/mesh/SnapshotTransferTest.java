package dev.lockstep.agent.mesh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lockstep.core.config.ObjectKey;
import dev.lockstep.core.config.PathMatch;
import dev.lockstep.core.config.Route;
import dev.lockstep.core.config.RoutePolicy;
import dev.lockstep.core.config.RouterConfig;
import dev.lockstep.core.config.Snapshot;
import dev.lockstep.core.config.Version;
import dev.lockstep.core.protocol.Address;
import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.Event;
import dev.lockstep.core.protocol.LinkId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SnapshotTransferTest {
  private static final Snapshot SMALL = Snapshot.of(new Version(7), config(3, 10));

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

  /** Text that GZIP cannot make much smaller. */
  private static RouterConfig config(int routes, int bodySize) {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(routes);
    RouterConfig config = RouterConfig.EMPTY;
    for (int i = 0; i < routes; i++) {
      StringBuilder body = new StringBuilder();
      random.ints(bodySize, ' ', '~').forEach(c -> body.append((char) c));
      config =
          config.with(
              new Route(
                  "h" + i + ".example.com",
                  ObjectKey.core("Service", "ns", "s" + i),
                  List.of(
                      new Route.Rule(
                          new PathMatch(PathMatch.Type.PREFIX, "/"),
                          new Route.Action.Respond(200, body.toString()))),
                  RoutePolicy.OPEN));
    }
    return config;
  }

  private static void offer(TestReplica replica, Snapshot snapshot) {
    replica.snapshots.put(snapshot.digest(), snapshot);
  }

  private void fetch(TestReplica by, Snapshot wanted, Address... sources) {
    by.shell.execute(new Effect.FetchSnapshot(wanted.version(), wanted.digest(), List.of(sources)));
  }

  @Test
  void aSnapshotComesFromTheFirstSourceThatHasIt() {
    TestReplica peer = replica("peer", Settings.PATIENT);
    offer(peer, SMALL);
    Address wrongKey = TestReplica.addressOf(peer.port, leader.identity.spkiSha256());
    Address nonsense = TestReplica.addressOf(1, "no pin");

    fetch(follower, SMALL, nonsense, wrongKey, leader.address(), peer.address());

    assertThat(follower.await(Event.SnapshotFetched.class).snapshot()).isEqualTo(SMALL);
    assertThat(leader.tokensSeen).containsExactly(TestReplica.tokenOf("follower"));
    assertThat(peer.tokensSeen).hasSize(1);
    assertThat(follower.shell.counters().snapshotFailures()).isEqualTo(3);
    assertThat(peer.shell.counters().snapshotsServed()).isEqualTo(1);
  }

  @Test
  void theVersionIsThatOfTheQuestion() {
    offer(leader, SMALL);
    Snapshot sameContentLater = new Snapshot(new Version(99), SMALL.digest(), SMALL.config());

    fetch(follower, sameContentLater, leader.address());

    assertThat(follower.await(Event.SnapshotFetched.class).snapshot()).isEqualTo(sameContentLater);
  }

  @Test
  void whenNobodyHasItTheFailureNamesEveryReason() {
    TestReplica peer = replica("peer", Settings.PATIENT);
    peer.close();

    fetch(follower, SMALL, leader.address(), peer.address());

    Event.SnapshotFetchFailed failed = follower.await(Event.SnapshotFetchFailed.class);
    assertThat(failed.version()).isEqualTo(SMALL.version());
    assertThat(failed.digest()).isEqualTo(SMALL.digest());
    assertThat(failed.reason()).contains("status 404").contains("refused");

    fetch(follower, SMALL);
    await().until(() -> follower.all(Event.SnapshotFetchFailed.class).size() == 2);
  }

  @Test
  void contentOfAnotherDigestIsNotTaken() {
    Snapshot other = Snapshot.of(new Version(7), config(2, 10));
    leader.snapshots.put(SMALL.digest(), other);

    fetch(follower, SMALL, leader.address());

    assertThat(follower.await(Event.SnapshotFetchFailed.class).reason()).contains("digest");
  }

  @Test
  void aStrangerGetsNoSnapshot() {
    offer(leader, SMALL);
    follower.token = TestReplica.tokenOf("stranger");

    fetch(follower, SMALL, leader.address());

    assertThat(follower.await(Event.SnapshotFetchFailed.class).reason()).contains("401");
    assertThat(leader.shell.counters().snapshotsServed()).isZero();
  }

  @Test
  void aSourceThatStallsIsGivenUp() {
    TestReplica hasty =
        replica("hasty", Settings.with("downloadIdleTimeout", Duration.ofSeconds(2)));
    Snapshot large = Snapshot.of(new Version(8), config(20, 100_000));
    offer(leader, large);
    TestReplica peer = replica("peer", Settings.PATIENT);
    offer(peer, large);
    TcpProxy stalling = proxyTo(leader);
    stalling.limitToClients(10);

    fetch(hasty, large, leader.address(stalling.port()), peer.address());

    assertThat(hasty.await(Event.SnapshotFetched.class).snapshot()).isEqualTo(large);
    assertThat(hasty.shell.counters().snapshotFailures()).isEqualTo(1);
  }

  @Test
  void aReaderThatStallsIsCut() {
    TestReplica strict = replica("strict", Settings.with("downloadTimeout", Duration.ofSeconds(1)));
    // More than the kernel takes by itself: its buffers on this way can grow to 10 MB.
    Snapshot large = Snapshot.of(new Version(8), config(200, 100_000));
    offer(strict, large);
    TcpProxy stalling = proxyTo(strict);
    stalling.limitToClients(10);

    fetch(follower, large, strict.address(stalling.port()));

    follower.await(Event.SnapshotFetchFailed.class);
    await()
        .atMost(TestReplica.PATIENCE)
        .untilAsserted(() -> assertThat(strict.shell.openConnections()).isZero());
    assertThat(strict.shell.counters().snapshotsServed()).isZero();
  }

  @Test
  void moreThanTheBoundIsNotTaken() {
    TestReplica small = replica("small", Settings.with("maxSnapshot", 1_000));
    Snapshot large = Snapshot.of(new Version(8), config(5, 10_000));
    offer(leader, large);

    fetch(small, large, leader.address());

    assertThat(small.await(Event.SnapshotFetchFailed.class).reason()).contains("maxSnapshot");
  }

  @Test
  void aLargeSnapshotDoesNotHoldUpSmallMessages() {
    Snapshot large = Snapshot.of(new Version(8), config(130, 100_000));
    offer(leader, large);
    // The download stands still in the middle, for as long as this test likes.
    TcpProxy slow = proxyTo(leader);
    slow.limitToClients(100);
    LinkId up = follower.connected(leader.address());
    LinkId down = leader.await(Event.FollowerConnected.class).link();

    fetch(follower, large, leader.address(slow.port()));
    await().atMost(TestReplica.PATIENCE).until(() -> slow.bytesToClients.get() > 200_000);
    for (int i = 0; i < 100; i++) {
      follower.send(up, TestReplica.heartbeat(i));
      leader.awaitMessage(down, TestReplica.heartbeat(i));
      leader.send(down, TestReplica.reply(i));
      follower.awaitMessage(up, TestReplica.reply(i));
    }
    assertThat(follower.all(Event.SnapshotFetched.class)).isEmpty();
    slow.limitToClients(1_000_000);

    Snapshot fetched = follower.await(Event.SnapshotFetched.class).snapshot();
    assertThat(fetched.digest()).isEqualTo(large.digest());
    assertThat(slow.bytesToClients.get()).isGreaterThan(10_000_000);
  }

  @Test
  void manyJoinersCostOneCompression() {
    offer(leader, SMALL);
    List<TestReplica> joiners = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      joiners.add(replica("joiner" + i, Settings.PATIENT));
    }
    joiners.forEach(joiner -> fetch(joiner, SMALL, leader.address()));

    joiners.forEach(joiner -> joiner.await(Event.SnapshotFetched.class));
    assertThat(leader.shell.counters().snapshotsServed()).isEqualTo(5);
  }

  @Test
  void aSnapshotThatCameLaterIsFound() {
    fetch(follower, SMALL, leader.address());
    follower.await(Event.SnapshotFetchFailed.class);

    offer(leader, SMALL);
    fetch(follower, SMALL, leader.address());

    follower.await(Event.SnapshotFetched.class);
  }
}
