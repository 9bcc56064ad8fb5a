package dev.lockstep.agent.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.agent.proxy.ProxySettings.Listen;
import dev.lockstep.agent.proxy.health.Recovery;
import dev.lockstep.agent.proxy.server.ConfigRefused;
import dev.lockstep.agent.proxy.server.ProxyServer;
import dev.lockstep.core.config.ConfigProblem;
import dev.lockstep.core.config.RouterConfig;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/** A data plane on loopback, with two event loops, that shows versions. */
public final class RunningProxy implements AutoCloseable {
  private final ProxyServer server;
  private final ProxyServer.Bound bound;
  private long version;

  public RunningProxy() {
    this(ProxySettings.Timeouts.STANDARD);
  }

  public RunningProxy(ProxySettings.Timeouts timeouts) {
    this(settings(timeouts, ProxySettings.Limits.STANDARD));
  }

  /** Speaks HTTP/2 there. */
  public RunningProxy(ProxySettings.Http2 http2) {
    this(settings(ProxySettings.Timeouts.STANDARD, ProxySettings.Limits.STANDARD, http2));
  }

  public RunningProxy(ProxySettings settings) {
    server = new ProxyServer(settings, _ -> {}, System::nanoTime);
    bound = await(server.bind());
    await(server.admission(Admission.ACCEPT));
  }

  public static ProxySettings settings(
      ProxySettings.Timeouts timeouts, ProxySettings.Limits limits) {
    return settings(timeouts, limits, ProxySettings.Http2.TLS);
  }

  private static ProxySettings settings(
      ProxySettings.Timeouts timeouts, ProxySettings.Limits limits, ProxySettings.Http2 http2) {
    List<Listen> any = List.of(new Listen("127.0.0.1", 0, Listen.Sharing.ALONE));
    return new ProxySettings(
        any,
        any,
        2,
        limits,
        timeouts,
        http2,
        ProxySettings.VersionHeader.SHOWN,
        Seeing.STANDARD,
        BackendSettings.STANDARD,
        ProxySettings.ProxyProtocol.NONE);
  }

  /**
   * {@return the same with one event loop, which tells and lets ask this, also over plain HTTP/2}
   */
  public static ProxySettings seeing(Seeing seeing) {
    ProxySettings other = settings(ProxySettings.Timeouts.STANDARD, ProxySettings.Limits.STANDARD);
    return new ProxySettings(
        other.http(),
        other.https(),
        1,
        other.limits(),
        other.timeouts(),
        ProxySettings.Http2.CLEARTEXT,
        other.versionHeader(),
        seeing,
        other.backends(),
        other.proxyProtocol());
  }

  /** One event loop, which spreads requests so. */
  public static RunningProxy with(BackendSettings backends) {
    List<Listen> any = List.of(new Listen("127.0.0.1", 0, Listen.Sharing.ALONE));
    return new RunningProxy(
        new ProxySettings(
            any,
            any,
            1,
            ProxySettings.Limits.STANDARD,
            ProxySettings.Timeouts.STANDARD,
            ProxySettings.Http2.TLS,
            ProxySettings.VersionHeader.HIDDEN,
            Seeing.STANDARD,
            backends,
            ProxySettings.ProxyProtocol.NONE));
  }

  public static BackendSettings backends(Recovery recovery, BackendSettings.Bound bound) {
    BackendSettings standard = BackendSettings.STANDARD;
    return new BackendSettings(
        1,
        standard.balancing(),
        recovery,
        standard.mostOut(),
        standard.connecting(),
        bound,
        standard.retries());
  }

  /** {@return settings for a place behind such proxies, with so much time for a head} */
  public static ProxySettings behind(ProxySettings.ProxyProtocol proxies, Duration head) {
    ProxySettings.Timeouts standard = ProxySettings.Timeouts.STANDARD;
    ProxySettings settings =
        settings(
            new ProxySettings.Timeouts(
                head,
                standard.idle(),
                standard.stall(),
                standard.handshake(),
                standard.linger(),
                standard.backendIdle(),
                standard.fence()),
            ProxySettings.Limits.STANDARD);
    return new ProxySettings(
        settings.http(),
        settings.https(),
        settings.eventLoops(),
        settings.limits(),
        settings.timeouts(),
        settings.http2(),
        settings.versionHeader(),
        settings.seeing(),
        settings.backends(),
        proxies);
  }

  public static ProxySettings.Timeouts idle(Duration idle) {
    ProxySettings.Timeouts standard = ProxySettings.Timeouts.STANDARD;
    return new ProxySettings.Timeouts(
        idle,
        idle,
        standard.stall(),
        standard.handshake(),
        standard.linger(),
        standard.backendIdle(),
        standard.fence());
  }

  /** How long clients are waited for: in heads, in handshakes, between requests and within them. */
  public record Patience(Duration head, Duration handshake, Duration idle, Duration stall) {

    /** {@return the defaults, but for this} */
    public ProxySettings.Timeouts timeouts() {
      ProxySettings.Timeouts standard = ProxySettings.Timeouts.STANDARD;
      return new ProxySettings.Timeouts(
          head,
          idle,
          stall,
          handshake,
          standard.linger(),
          standard.backendIdle(),
          standard.fence());
    }
  }

  public static <T> T await(CompletionStage<T> stage) {
    try {
      return stage.toCompletableFuture().get(20, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  /** Serves this config under the next version. */
  public RunningProxy serve(RouterConfig config) {
    await(server.swap(Configs.table(++version, config)));
    return this;
  }

  /** Asserts that this config is refused, because of this entry alone. */
  public void assertRefuses(RouterConfig config, String subject) {
    assertThatThrownBy(() -> server.swap(Configs.table(9, config)).toCompletableFuture().join())
        .isInstanceOf(CompletionException.class)
        .cause()
        .isInstanceOfSatisfying(
            ConfigRefused.class,
            refused ->
                assertThat(refused.problems())
                    .extracting(ConfigProblem::subject)
                    .containsExactly(subject));
  }

  /** Refuses requests from now on. */
  public void refuse() {
    await(server.admission(Admission.REFUSE));
  }

  public ProxyServer server() {
    return server;
  }

  public InetSocketAddress http() {
    return bound.http().getFirst();
  }

  public InetSocketAddress https() {
    return bound.https().getFirst();
  }

  public RawClient client() {
    return new RawClient(http());
  }

  @Override
  public void close() {
    server.close();
  }
}
