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
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Lockstep-Min-Version: served by that version or a newer one, or not at all. */
class MinVersionTest {
  private static final Duration LONG = Duration.ofSeconds(30);
  private static final int PLACES = 3;

  private static RunningProxy proxy(Duration longest) {
    return new RunningProxy(
        RunningProxy.seeing(
            new Seeing(
                Optional.empty(),
                Seeing.RequestId.NONE,
                10,
                Optional.of(new Seeing.MinVersion(longest, PLACES)))));
  }

  private static String asking(String version) {
    return "GET / HTTP/1.1\r\nHost: a.test\r\nLockstep-Min-Version: " + version + "\r\n\r\n";
  }

  private static int asking(RawHttp2 client, String version) {
    return client.open(
        RawHttp2.END_STREAM,
        ":method",
        "GET",
        ":scheme",
        "http",
        ":path",
        "/",
        ":authority",
        "a.test",
        "lockstep-min-version",
        version);
  }

  private static long failures(RunningProxy proxy, Failure why) {
    return proxy.server().accounts().failures().of(why);
  }

  @Test
  void requestIsHeldUntilItsVersionIsServed() {
    try (TestBackend old = TestBackend.saying("old");
        TestBackend fresh = TestBackend.saying("fresh");
        RunningProxy proxy = proxy(LONG);
        RawClient client = proxy.serve(Configs.to("a.test", old.endpoint())).client();
        RawHttp2 streams = new RawHttp2(RawClient.open(proxy.http()))) {
      assertThat(client.send(asking("1")).read().body()).isEqualTo("old");
      client.send(asking("2"));
      int later = asking(streams, "3");
      int now = asking(streams, "0");
      // One event loop: what was sent before this answer has been read.
      assertThat(streams.result(now).body()).isEqualTo("old");
      try (RawClient other = proxy.client()) {
        assertThat(other.get("a.test", "/").body()).isEqualTo("old");
      }
      proxy.serve(Configs.to("a.test", fresh.endpoint()));
      RawClient.Response response = client.read();
      assertThat(response.body()).isEqualTo("fresh");
      assertThat(response.field("lockstep-version")).hasValue("2");
      assertThat(fresh.requests().getFirst().toLowerCase(Locale.ROOT))
          .doesNotContain("min-version");
      proxy.serve(Configs.to("a.test", fresh.endpoint()));
      RawHttp2.Result result = streams.result(later);
      assertThat(result.body()).isEqualTo("fresh");
      assertThat(result.head()).containsEntry("lockstep-version", "3");
      assertThat(old.requests()).hasSize(3);
    }
  }

  @Test
  void heldRequestGoesOnWithItsBody() {
    try (TestBackend fresh = TestBackend.saying("fresh");
        RunningProxy proxy = proxy(LONG);
        RawClient client = proxy.serve(RouterConfig.EMPTY).client();
        RawHttp2 streams = new RawHttp2(RawClient.open(proxy.http()))) {
      client.send(
          "POST / HTTP/1.1\r\nHost: a.test\r\nLockstep-Min-Version: 2\r\nContent-Length: 6\r\n\r\n"
              + "abc");
      int stream = streams.post("a.test", "lockstep-min-version", "2");
      streams.data(stream, "123", 0);
      streams.data(stream, "456", RawHttp2.END_STREAM);
      assertThat(streams.result(streams.get("a.test", "/")).status()).isEqualTo(404);
      proxy.serve(Configs.to("a.test", fresh.endpoint()));
      client.send("def");
      assertThat(client.read().body()).isEqualTo("fresh");
      assertThat(streams.result(stream).body()).isEqualTo("fresh");
      assertThat(fresh.requests()).anyMatch(request -> request.endsWith("abcdef"));
      assertThat(fresh.requests()).anyMatch(request -> request.contains("456"));
    }
  }

  @Test
  void whoWaitsInVainIsTold() {
    try (TestBackend backend = TestBackend.saying("hello");
        RunningProxy proxy = proxy(Duration.ofMillis(50));
        RawClient client = proxy.serve(Configs.to("a.test", backend.endpoint())).client();
        RawHttp2 streams = new RawHttp2(RawClient.open(proxy.http()))) {
      RawClient.Response response = client.send(asking("999999999999999999")).read();
      assertThat(response.status()).isEqualTo(503);
      assertThat(response.field("retry-after")).hasValue("1");
      assertThat(response.field("lockstep-version")).hasValue("1");
      assertThat(client.get("a.test", "/").body()).isEqualTo("hello");
      RawHttp2.Result result = streams.result(asking(streams, "2"));
      assertThat(result.status()).isEqualTo(503);
      assertThat(result.head()).containsEntry("retry-after", "1");
      assertThat(failures(proxy, Failure.VERSION_BEHIND)).isEqualTo(2);
      assertThat(backend.requests()).hasSize(1);
    }
  }

  @Test
  void whatIsNoVersionIsRefused() {
    try (TestBackend backend = TestBackend.saying("hello");
        RunningProxy proxy = proxy(LONG)) {
      proxy.serve(Configs.to("a.test", backend.endpoint()));
      List<String> odd = List.of("", "x", "-1", "+1", "1 1", "1,1", "0x1", "1.0", "9".repeat(19));
      for (String version : odd) {
        try (RawClient client = proxy.client()) {
          assertThat(client.send(asking(version)).read().status()).as(version).isEqualTo(400);
          assertThat(client.isClosedByServer()).isTrue();
        }
      }
      try (RawClient client = proxy.client()) {
        client.send(asking("1\r\nlockstep-min-version: 1"));
        assertThat(client.read().status()).isEqualTo(400);
      }
      try (RawHttp2 streams = new RawHttp2(RawClient.open(proxy.http()))) {
        assertThat(streams.result(asking(streams, "new")).status()).isEqualTo(400);
        assertThat(streams.result(asking(streams, "1")).status()).isEqualTo(200);
      }
      assertThat(backend.requests()).hasSize(1);
    }
  }

  /** Nobody holds more than so many places, and who leaves gives his back. */
  @Test
  void onlySoManyWaitAtATime() {
    try (TestBackend backend = TestBackend.saying("hello");
        RunningProxy proxy = proxy(LONG)) {
      proxy.serve(Configs.to("a.test", backend.endpoint()));
      List<Integer> waiting = new ArrayList<>();
      try (RawHttp2 streams = new RawHttp2(RawClient.open(proxy.http()));
          RawClient client = proxy.client()) {
        for (int i = 0; i < PLACES; i++) {
          waiting.add(asking(streams, "2"));
        }
        RawHttp2.Result refused = streams.result(asking(streams, "2"));
        assertThat(refused.status()).isEqualTo(503);
        assertThat(refused.head()).containsEntry("retry-after", "1");
        assertThat(client.send(asking("2")).read().status()).isEqualTo(503);
        assertThat(client.get("a.test", "/").body()).isEqualTo("hello");
        assertThat(failures(proxy, Failure.TOO_MANY_WAITING)).isEqualTo(2);
        streams.send(RawHttp2.RST_STREAM, 0, waiting.getFirst(), new byte[] {0, 0, 0, 8});
        await().until(() -> failures(proxy, Failure.CLIENT_GONE) == 1);
        asking(streams, "2");
        assertThat(streams.result(asking(streams, "2")).status()).isEqualTo(503);
      }
      await().until(() -> failures(proxy, Failure.CLIENT_GONE) == PLACES + 1);
      try (RawClient client = proxy.client()) {
        client.send(asking("2"));
        proxy.serve(Configs.to("a.test", backend.endpoint()));
        assertThat(client.read().body()).isEqualTo("hello");
      }
    }
  }

  @Test
  void replicaThatTakesNoRequestsHoldsNone() {
    try (RunningProxy proxy = proxy(LONG)) {
      proxy.serve(RouterConfig.EMPTY);
      proxy.refuse();
      try (RawClient client = proxy.client()) {
        assertThat(client.send(asking("2")).read().status()).isEqualTo(503);
        assertThat(failures(proxy, Failure.NOT_READY)).isEqualTo(1);
      }
    }
  }

  @Test
  void whereItIsOffTheFieldMeansNothing() {
    try (TestBackend backend = TestBackend.saying("hello");
        RunningProxy proxy = new RunningProxy(RunningProxy.seeing(Seeing.STANDARD));
        RawClient client = proxy.serve(Configs.to("a.test", backend.endpoint())).client()) {
      assertThat(client.send(asking("nonsense")).read().body()).isEqualTo("hello");
      assertThat(backend.requests().getFirst()).contains("Lockstep-Min-Version: nonsense\r\n");
    }
  }
}
