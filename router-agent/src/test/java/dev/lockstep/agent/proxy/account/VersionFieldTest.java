package dev.lockstep.agent.proxy.account;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lockstep.agent.proxy.Configs;
import dev.lockstep.agent.proxy.RawClient;
import dev.lockstep.agent.proxy.RawHttp2;
import dev.lockstep.agent.proxy.RunningProxy;
import dev.lockstep.agent.proxy.Seeing;
import dev.lockstep.agent.proxy.TestBackend;
import dev.lockstep.core.config.RouterConfig;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Lockstep-Version: in every answer, and true. */
class VersionFieldTest {
  private final RunningProxy proxy = new RunningProxy(RunningProxy.seeing(Seeing.STANDARD));

  @AfterEach
  void stop() {
    proxy.close();
  }

  @Test
  void answersOfOurOwnCarryItInBothProtocols() {
    proxy.serve(Configs.to("a.test"));
    try (RawClient client = proxy.client();
        RawHttp2 streams = new RawHttp2(RawClient.open(proxy.http()))) {
      for (String[] request : new String[][] {{"a.test", "/"}, {"b.test", "/"}}) {
        assertThat(client.get(request[0], request[1]).field("lockstep-version")).hasValue("1");
        assertThat(streams.result(streams.get(request[0], request[1])).head())
            .containsEntry("lockstep-version", "1");
      }
      assertThat(streams.result(streams.get("a.test", "/%00")).head())
          .containsEntry(":status", "400")
          .containsEntry("lockstep-version", "1");
      RawClient.Response malformed = client.send("GET /\r\n\r\n").read();
      assertThat(malformed.status()).isEqualTo(400);
      assertThat(malformed.field("lockstep-version")).hasValue("1");
    }
  }

  /** The version that chose the backend, although another one is served when it answers. */
  @Test
  void itIsTheVersionThatDecided() throws Exception {
    CountDownLatch swapped = new CountDownLatch(1);
    TestBackend.Script script =
        connection -> {
          while (!connection.readRequest().isEmpty()) {
            try {
              swapped.await();
            } catch (InterruptedException e) {
              throw new IllegalStateException(e);
            }
            connection.answer("late");
          }
        };
    try (TestBackend backend = new TestBackend(script);
        RawClient client = proxy.serve(Configs.to("a.test", backend.endpoint())).client();
        RawHttp2 streams = new RawHttp2(RawClient.open(proxy.http()))) {
      client.send("GET / HTTP/1.1\r\nHost: a.test\r\n\r\n");
      int stream = streams.get("a.test", "/");
      await().until(() -> backend.requests().size() == 2);
      proxy.serve(RouterConfig.EMPTY);
      swapped.countDown();
      RawClient.Response response = client.read();
      assertThat(response.body()).isEqualTo("late");
      assertThat(response.field("lockstep-version")).hasValue("1");
      assertThat(streams.result(stream).head()).containsEntry("lockstep-version", "1");
      assertThat(client.get("a.test", "/").field("lockstep-version")).hasValue("2");
    }
  }

  @Test
  void noBackendCanSayIt() {
    TestBackend.Script script =
        connection -> {
          while (!connection.readRequest().isEmpty()) {
            connection.send(
                "HTTP/1.1 200 OK\r\nLockstep-Version: 77\r\nlockstep_version: 77\r\n"
                    + "Content-Length: 0\r\n\r\n");
          }
        };
    try (TestBackend backend = new TestBackend(script);
        RawClient client = proxy.serve(Configs.to("a.test", backend.endpoint())).client()) {
      assertThat(client.get("a.test", "/").head())
          .contains("lockstep-version: 1\r\n")
          .doesNotContain("77");
    }
  }
}
