package dev.lockstep.agent.proxy.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lockstep.agent.proxy.BackendMeters;
import dev.lockstep.agent.proxy.BackendSettings;
import dev.lockstep.agent.proxy.Configs;
import dev.lockstep.agent.proxy.RawClient;
import dev.lockstep.agent.proxy.RunningProxy;
import dev.lockstep.agent.proxy.TestBackend;
import dev.lockstep.agent.proxy.TestCertificate;
import dev.lockstep.agent.proxy.TestTls;
import dev.lockstep.agent.proxy.health.Recovery;
import dev.lockstep.core.config.Backend;
import dev.lockstep.core.config.BackendTls;
import dev.lockstep.core.config.BackendTls.Versions;
import dev.lockstep.core.config.Route;
import dev.lockstep.core.config.RoutePolicy;
import dev.lockstep.core.config.RouterConfig;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** An endpoint that cannot be believed is as good as one that cannot be reached. */
class TlsBackendHealthTest {
  private static final String NAME = "web.shop.svc";
  private static final Duration QUICK = Duration.ofMillis(50);
  private static final int FAILURES = 3;

  private final TestCertificate.Authority authority = TestCertificate.authority("ca");

  private TestBackend.Handshake named(String name) {
    return TestTls.server(TestCertificate.by(authority, name), "http/1.1");
  }

  private static TestBackend saying(String body, AtomicReference<TestBackend.Handshake> handshake) {
    return new TestBackend(
        connection -> {
          while (!connection.readRequest().isEmpty()) {
            connection.answer(body);
          }
        },
        plain -> handshake.get().begin(plain));
  }

  private RouterConfig config(Versions versions, Backend.Endpoint... endpoints) {
    Backend.Id id = new Backend.Id("shop", "web", "443");
    BackendTls tls = new BackendTls(versions, NAME, new BackendTls.Authorities(authority.pem()));
    return RouterConfig.EMPTY
        .with(Configs.route("a.test", RoutePolicy.OPEN, Route.Action.Forward.to(id)))
        .with(new Backend(id, tls, List.of(endpoints)));
  }

  @ParameterizedTest
  @EnumSource(Versions.class)
  void handshakesThatFailCountAsConnectionsThatDoNotStand(Versions versions) {
    AtomicReference<TestBackend.Handshake> other = new AtomicReference<>(named("b.shop.svc"));
    AtomicReference<TestBackend.Handshake> right = new AtomicReference<>(named(NAME));
    try (RunningProxy proxy =
            RunningProxy.with(
                RunningProxy.backends(
                    Recovery.of(FAILURES, QUICK, QUICK), BackendSettings.Bound.NONE));
        TestBackend bad = saying("bad", other);
        TestBackend good = saying("good", right);
        RawClient client = proxy.client()) {
      BackendMeters meters = proxy.server().meters().backends();
      proxy.serve(config(versions, bad.endpoint(), good.endpoint()));
      await()
          .until(
              () -> {
                assertThat(client.get("a.test", "/").body()).isEqualTo("good");
                return !meters.out().isEmpty();
              });
      assertThat(meters.read().died()).isEqualTo(1);
      long retries = proxy.server().meters().read().retries();
      await().until(() -> meters.read().probes() >= 3);
      for (int i = 0; i < 20; i++) {
        assertThat(client.get("a.test", "/").body()).isEqualTo("good");
      }
      assertThat(proxy.server().meters().read().retries()).isEqualTo(retries);
      other.set(right.get());
      // Nobody has sent it a request: the probe's handshake is what brings it back.
      await().until(() -> meters.out().isEmpty());
      assertThat(bad.requests()).isEmpty();
      await().until(() -> client.get("a.test", "/").body().equals("bad"));
    }
  }
}
