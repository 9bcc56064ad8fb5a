package dev.lockstep.agent.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.protocol.Address;
import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.Event;
import dev.lockstep.core.protocol.ReplicaId;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ProberTest {
  private static final ReplicaId HOLDER = new ReplicaId("leader", "boot");

  private final List<AutoCloseable> open = new ArrayList<>();
  private TestReplica prober;

  @BeforeEach
  void start() {
    prober = new TestReplica("prober", Settings.PATIENT);
    open.add(prober);
  }

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable closeable : open) {
      closeable.close();
    }
  }

  @Test
  void onlyWhenEveryPortRefusesIsAReplicaGone() throws IOException {
    String refusing = "http://127.0.0.1:" + refusingPort();
    String listening = "http://127.0.0.1:" + listeningPort();
    String silent = "http://127.0.0.1:" + silentPort();
    record Case(String name, Address address, Event.Evidence evidence) {}
    List<Case> cases =
        List.of(
            new Case("all refuse", of(refusing, refusing, refusing), Event.Evidence.GONE),
            new Case("mesh", of(listening, refusing, refusing), Event.Evidence.UNCERTAIN),
            new Case("traffic", of(refusing, listening, refusing), Event.Evidence.UNCERTAIN),
            new Case("api", of(refusing, refusing, listening), Event.Evidence.UNCERTAIN),
            new Case("silence", of(refusing, silent, refusing), Event.Evidence.UNCERTAIN),
            new Case("no port", of(refusing, "", refusing), Event.Evidence.UNCERTAIN),
            new Case(
                "no such name",
                of("http://x.invalid:1", refusing, refusing),
                Event.Evidence.UNCERTAIN));
    for (Case each : cases) {
      prober.events.clear();

      prober.shell.execute(new Effect.Probe(HOLDER, each.address()));

      assertThat(prober.await(Event.Probed.class))
          .as(each.name())
          .isEqualTo(new Event.Probed(HOLDER, each.evidence()));
    }
  }

  private static Address of(String mesh, String http, String api) {
    return new Address(mesh, "pin", http, http, api);
  }

  private static int refusingPort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private int listeningPort() throws IOException {
    ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    open.add(socket);
    return socket.getLocalPort();
  }

  /** A listener whose queue is full: the kernel drops further attempts without an answer. */
  private int silentPort() throws IOException {
    ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    open.add(socket);
    for (int i = 0; i < 8; i++) {
      SocketChannel filler = SocketChannel.open();
      open.add(filler);
      filler.configureBlocking(false);
      filler.connect(
          new InetSocketAddress(InetAddress.getLoopbackAddress(), socket.getLocalPort()));
    }
    return socket.getLocalPort();
  }
}
