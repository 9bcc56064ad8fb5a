package dev.lockstep.agent.mesh;

import dev.lockstep.core.config.Digest;
import dev.lockstep.core.config.Epoch;
import dev.lockstep.core.config.Snapshot;
import dev.lockstep.core.config.Version;
import dev.lockstep.core.protocol.Address;
import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.Event;
import dev.lockstep.core.protocol.LinkId;
import dev.lockstep.core.protocol.Message;
import dev.lockstep.core.protocol.PodId;
import dev.lockstep.core.protocol.ReplicaId;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/** A replica without a core: a mesh on a loopback port, and a list of what it reported. */
final class TestReplica implements AutoCloseable {
  /** One for all tests: to close it under a worker's last task would fail somebody else's test. */
  static final Vertx VERTX = Vertx.vertx(new VertxOptions().setUseDaemonThread(true));

  static final Duration PATIENCE = Duration.ofSeconds(20);
  static final Digest DIGEST = Digest.of("anything");

  final String name;
  final PodId pod;
  final MeshIdentity identity = MeshIdentity.generate();
  final MeshShell shell;
  final List<Event> events = new CopyOnWriteArrayList<>();
  final List<String> tokensSeen = new CopyOnWriteArrayList<>();
  final Map<Digest, Snapshot> snapshots = new ConcurrentHashMap<>();
  final int port;
  volatile String token;
  private final AtomicLong connects = new AtomicLong();

  TestReplica(String name, MeshSettings settings) {
    this.name = name;
    this.pod = new PodId(name, "uid-of-" + name);
    this.token = tokenOf(name);
    AtomicLong accepted = new AtomicLong(1L << 32);
    MeshEnvironment environment =
        new MeshEnvironment(
            this::verify,
            () -> token,
            accepted::getAndIncrement,
            digest -> Optional.ofNullable(snapshots.get(digest)),
            events::add);
    this.shell = new MeshShell(VERTX, identity, environment, settings);
    this.port = shell.bind("127.0.0.1", 0).toCompletableFuture().join();
  }

  /** {@return a token that every test replica takes as proof of this pod} */
  static String tokenOf(String pod) {
    return "header." + pod + ".signature";
  }

  private CompletionStage<TokenVerdict> verify(String seen) {
    tokensSeen.add(seen);
    String[] parts = seen.split("\\.", -1);
    return switch (parts[1]) {
      case "stranger" -> done(new TokenVerdict.Refused("another audience"));
      case "unlucky" -> done(new TokenVerdict.Unavailable("API server away"));
      case "broken" -> CompletableFuture.failedFuture(new IllegalStateException("bug"));
      case "endless" -> new CompletableFuture<>();
      default -> done(new TokenVerdict.Verified(new PodId(parts[1], "uid-of-" + parts[1])));
    };
  }

  private static CompletionStage<TokenVerdict> done(TokenVerdict verdict) {
    return CompletableFuture.completedFuture(verdict);
  }

  Address address() {
    return address(port);
  }

  /** {@return this replica's address as seen through a proxy on another port} */
  Address address(int meshPort) {
    return addressOf(meshPort, identity.spkiSha256());
  }

  static Address addressOf(int meshPort, String pin) {
    String url = "http://127.0.0.1:" + meshPort;
    return new Address("https://127.0.0.1:" + meshPort, pin, url, url, url);
  }

  LinkId connect(Address leader) {
    LinkId link = new LinkId(connects.incrementAndGet());
    shell.execute(new Effect.Connect(link, leader));
    return link;
  }

  /** {@return the link to the leader, open} */
  LinkId connected(Address leader) {
    LinkId link = connect(leader);
    await(Event.LeaderConnected.class, event -> event.link().equals(link));
    return link;
  }

  void send(LinkId link, Message message) {
    shell.execute(new Effect.Send(link, message));
  }

  Message.Hello hello() {
    return new Message.Hello(
        new ReplicaId(name, "boot"),
        pod,
        new Epoch(1),
        new Version(1),
        new Version(1),
        DIGEST,
        address(),
        "test");
  }

  static Message heartbeat(long sequence) {
    return new Message.Heartbeat(new Epoch(1), sequence, 0, new Version(1), DIGEST);
  }

  static Message reply(long sequence) {
    return new Message.HeartbeatReply(
        new Epoch(1),
        sequence,
        new Version(1),
        DIGEST,
        Message.Standing.IN_SYNC,
        Message.ApiAccess.CONFIRMED,
        1,
        List.of());
  }

  /** Waits until an event of this kind was reported, and gives the first one. */
  <E extends Event> E await(Class<E> kind) {
    return await(kind, event -> true);
  }

  <E extends Event> E await(Class<E> kind, Predicate<E> which) {
    try {
      Awaitility.await()
          .atMost(PATIENCE)
          .pollInterval(Duration.ofMillis(5))
          .until(() -> all(kind).stream().anyMatch(which));
    } catch (ConditionTimeoutException e) {
      String wanted = name + ": no such " + kind.getSimpleName();
      throw new AssertionError(wanted + " among " + events, e);
    }
    return all(kind).stream().filter(which).findFirst().orElseThrow();
  }

  <E extends Event> List<E> all(Class<E> kind) {
    return events.stream().filter(kind::isInstance).map(kind::cast).toList();
  }

  void awaitMessage(LinkId link, Message message) {
    await(
        Event.Received.class,
        event -> event.link().equals(link) && event.message().equals(message));
  }

  @Override
  public void close() {
    shell.close().toCompletableFuture().join();
  }
}
