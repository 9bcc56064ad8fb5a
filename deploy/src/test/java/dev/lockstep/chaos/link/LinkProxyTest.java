package dev.lockstep.chaos.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.lockstep.chaos.link.LinkRules.Harm;
import dev.lockstep.chaos.link.LinkRules.Rule;
import dev.lockstep.local.process.Ports;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A proxy that stands for a port: true while there is no fault, and each fault as it is named. */
final class LinkProxyTest {
  private static final String POD = "pod-b";

  private final LinkRules rules = new LinkRules();
  private Ports ports;
  private ServerSocket server;
  private LinkProxy proxy;

  @BeforeEach
  void begin() throws IOException {
    ports = Ports.open(RandomGenerator.getDefault());
    server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::echo);
    proxy =
        new LinkProxy(
            POD,
            new LinkProxy.Ports(ports.next(), server.getLocalPort()),
            rules,
            new PeerFinder(List::of));
  }

  @AfterEach
  void end() throws IOException {
    proxy.close();
    server.close();
    ports.close();
  }

  @Test
  void bytesPassBothWays() throws IOException {
    try (Socket client = connect()) {
      assertThat(ask(client, "hello")).isEqualTo("hello");
    }
  }

  @Test
  void aPodIsCutOffBothWaysUntilItIsHealed() {
    try (LinkProxies proxies = new LinkProxies(ports)) {
      LinkRules.Way there = new LinkRules.Way("pod-a", POD);
      Runnable heal = proxies.cut(POD);
      assertThat(proxies.rules().harmed(there, Harm.STOP)).isTrue();
      assertThat(proxies.rules().harmed(there.back(), Harm.STOP)).isTrue();
      assertThat(proxies.rules().harmed(new LinkRules.Way("pod-a", "pod-c"), Harm.STOP)).isFalse();
      heal.run();
      assertThat(proxies.rules().harmed(there, Harm.STOP)).isFalse();
    }
  }

  @Test
  void itRefusesWhileNobodyListensBehindIt() throws IOException {
    LinkProxy.Ports pair = new LinkProxy.Ports(ports.next(), ports.next());
    LinkProxy dead = new LinkProxy(POD, pair, rules, new PeerFinder(List::of));
    dead.openIfThere();
    assertThat(dead.isOpen()).isFalse();
    assertThatThrownBy(() -> new Socket(InetAddress.getLoopbackAddress(), dead.port()))
        .isInstanceOf(ConnectException.class);
  }

  @Test
  void aCutIsSilenceAndWhatWasSentArrivesAfterIt() throws IOException {
    try (Socket client = connect()) {
      assertThat(ask(client, "before")).isEqualTo("before");
      List<Rule> cut = List.of(new Rule(POD, "", Harm.STOP));
      rules.set(cut);
      client.setSoTimeout(200);
      assertThatThrownBy(() -> ask(client, "during")).isInstanceOf(SocketTimeoutException.class);
      rules.clear(cut);
      client.setSoTimeout(5_000);
      assertThat(read(client, "during".length())).isEqualTo("during");
    }
  }

  @Test
  void aConnectionDuringACutIsSilentToo() throws IOException {
    rules.set(List.of(new Rule("", POD, Harm.STOP)));
    try (Socket client = connect()) {
      client.setSoTimeout(200);
      assertThatThrownBy(() -> ask(client, "hello")).isInstanceOf(SocketTimeoutException.class);
    }
  }

  @Test
  void aResetCutsAPieceInTheMiddle() throws IOException {
    try (Socket client = connect()) {
      assertThat(ask(client, "before")).isEqualTo("before");
      rules.set(List.of(new Rule(POD, "", Harm.RESET)));
      client.getOutputStream().write("12345678".getBytes(java.nio.charset.StandardCharsets.UTF_8));
      client.setSoTimeout(5_000);
      assertThatThrownBy(() -> read(client, 8)).isInstanceOf(SocketException.class);
      assertThat(proxy.connections()).isEmpty();
    }
  }

  @Test
  void oneByOneIsSlowAndWhole() throws IOException {
    rules.set(List.of(new Rule("", "", Harm.ONE_BY_ONE)));
    try (Socket client = connect()) {
      String long1 = "x".repeat(5_000);
      assertThat(ask(client, long1)).isEqualTo(long1);
    }
  }

  @Test
  void halfOpenIsSilentForOneSideAndTheEndForTheOther() throws IOException {
    try (Socket client = connect()) {
      assertThat(ask(client, "before")).isEqualTo("before");
      proxy.connections().getFirst().halfOpen(LinkConnection.Side.CLIENT);
      client.setSoTimeout(200);
      assertThatThrownBy(() -> ask(client, "after")).isInstanceOf(SocketTimeoutException.class);
    }
  }

  private Socket connect() throws IOException {
    proxy.openIfThere();
    Socket client = new Socket(InetAddress.getLoopbackAddress(), proxy.port());
    client.setSoTimeout(5_000);
    if (!rules.harmed(new LinkRules.Way(PeerFinder.NOBODY, POD), Harm.STOP)) {
      await().until(() -> !proxy.connections().isEmpty());
    }
    return client;
  }

  private static String ask(Socket client, String text) throws IOException {
    client.getOutputStream().write(text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    return read(client, text.length());
  }

  private static String read(Socket client, int length) throws IOException {
    byte[] bytes = client.getInputStream().readNBytes(length);
    return new String(bytes, java.nio.charset.StandardCharsets.UTF_8);
  }

  private void echo() {
    try {
      while (true) {
        Socket socket = server.accept();
        Thread.ofVirtual().start(() -> echo(socket));
      }
    } catch (IOException e) {
      // Closed at the end of the test.
    }
  }

  private static void echo(Socket socket) {
    try (socket) {
      socket.getInputStream().transferTo(socket.getOutputStream());
    } catch (IOException e) {
      // The fault of the test.
    }
  }
}
