package dev.lockstep.agent.mesh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lockstep.core.protocol.Address;
import dev.lockstep.core.protocol.Event;
import dev.lockstep.core.protocol.LinkId;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.net.KeyCertOptions;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A leader of another version, or of another mind: what it says is written by hand. */
class StrangeLeaderTest {
  private static final String DIGEST = "0".repeat(64);
  private static final String MOVED = "{\"type\":\"moved\",\"epoch\":3}";

  private final MeshIdentity identity = MeshIdentity.generate();
  private final List<String> heard = new CopyOnWriteArrayList<>();
  private TestReplica follower;

  @BeforeEach
  void start() {
    follower = new TestReplica("follower", Settings.PATIENT);
  }

  @AfterEach
  void stop() {
    follower.close();
  }

  private LinkId connectTo(Consumer<ServerWebSocket> script) {
    HttpServerOptions options = new HttpServerOptions();
    options.setSsl(true).setKeyCertOptions(KeyCertOptions.wrap(identity.key()));
    int port =
        TestReplica.VERTX
            .createHttpServer(options)
            .webSocketHandler(
                socket -> {
                  socket.textMessageHandler(heard::add);
                  script.accept(socket);
                })
            .listen(0, "127.0.0.1")
            .toCompletionStage()
            .toCompletableFuture()
            .join()
            .actualPort();
    Address address = TestReplica.addressOf(port, identity.spkiSha256());
    return follower.connected(address);
  }

  @Test
  void aPushBeyondThisBuildIsAnsweredWithANackAndTheLinkStays() {
    LinkId link =
        connectTo(
            socket -> {
              socket.writeTextMessage(
                  """
                  {"type":"push","epoch":3,"delta":{"base":1,"target":2,"digest":"%s",
                  "puts":[{"kind":"grpc-route"}],"removals":[]}}\
                  """
                      .formatted(DIGEST));
              socket.writeTextMessage(MOVED);
            });

    follower.await(Event.Received.class);
    await().until(() -> !heard.isEmpty());

    assertThat(heard)
        .containsExactly(
            "{\"type\":\"nack\",\"epoch\":3,\"version\":2,\"problems\":[{\"subject\":\"push\","
                + "\"reason\":\"kind: this build does not know it: grpc-route\"}]}");
    assertThat(follower.events).hasSize(2);
    assertThat(follower.all(Event.Received.class).getFirst().link()).isEqualTo(link);
    assertThat(follower.shell.counters().unservable()).isEqualTo(1);
  }

  @Test
  void aTypeThatThisBuildDoesNotKnowIsPassedOver() {
    connectTo(
        socket -> {
          socket.writeTextMessage("{\"type\":\"gossip\"}");
          socket.writeTextMessage(MOVED);
        });

    follower.await(Event.Received.class);

    assertThat(follower.all(Event.LinkLost.class)).isEmpty();
    assertThat(follower.shell.counters().unknownTypes()).isEqualTo(1);
  }

  @Test
  void whatIsNoMessageEndsTheLink() {
    record Case(String name, Consumer<ServerWebSocket> script) {}
    List<Case> cases =
        List.of(
            new Case("no JSON", socket -> socket.writeTextMessage("hello")),
            new Case("binary", socket -> socket.writeBinaryMessage(Buffer.buffer("{}"))),
            new Case(
                "wrong role", socket -> socket.writeTextMessage("{\"type\":\"bye\",\"epoch\":1}")),
            new Case("too large", socket -> socket.writeTextMessage(" ".repeat(9 << 20))));
    for (Case each : cases) {
      follower.events.clear();

      LinkId link = connectTo(each.script());

      assertThat(follower.await(Event.LinkLost.class).link()).as(each.name()).isEqualTo(link);
      assertThat(follower.all(Event.Received.class)).as(each.name()).isEmpty();
    }
  }
}
