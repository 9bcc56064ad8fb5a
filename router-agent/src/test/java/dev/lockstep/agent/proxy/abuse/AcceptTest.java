package dev.lockstep.agent.proxy.abuse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.agent.proxy.ProxyMeters;
import dev.lockstep.agent.proxy.ProxySettings;
import dev.lockstep.agent.proxy.RunningProxy;
import dev.lockstep.agent.proxy.Seeing;
import dev.lockstep.agent.proxy.request.Worker;
import dev.lockstep.agent.proxy.server.ProxyServer;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Clients that come together are let in together: each turn that one waits is a turn of all. */
class AcceptTest {
  private static final int CLIENTS = 64;

  private final CountDownLatch standing = new CountDownLatch(1);
  private final CountDownLatch go = new CountDownLatch(1);
  private final CompletableFuture<Long> accepted = new CompletableFuture<>();

  @Test
  void oneTurnOfTheLoopAcceptsAllThatWait() throws Exception {
    List<Socket> clients = new ArrayList<>();
    ProxySettings oneLoop = RunningProxy.seeing(Seeing.STANDARD);
    try (ProxyServer server = new ProxyServer(oneLoop, _ -> {}, System::nanoTime)) {
      InetSocketAddress http = RunningProxy.await(server.bind()).http().getFirst();
      server.onEveryLoop(worker -> standStill(worker, server.meters()));
      assertThat(standing.await(5, TimeUnit.SECONDS)).isTrue();
      for (int i = 0; i < CLIENTS; i++) {
        clients.add(new Socket(http.getAddress(), http.getPort())); // The kernel lets it in.
      }
      go.countDown();
      assertThat(accepted.get(5, TimeUnit.SECONDS)).isEqualTo(CLIENTS);
    } finally {
      for (Socket client : clients) {
        client.close();
      }
    }
  }

  /** Holds the loop until all clients are there, and counts behind the next turn's sockets. */
  private void standStill(Worker worker, ProxyMeters meters) {
    standing.countDown();
    try {
      assertThat(go.await(5, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    worker
        .loop()
        .schedule(
            () -> accepted.complete(meters.read().activeConnections()), 0, TimeUnit.NANOSECONDS);
  }
}
