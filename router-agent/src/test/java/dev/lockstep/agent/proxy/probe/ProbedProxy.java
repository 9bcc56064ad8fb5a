package dev.lockstep.agent.proxy.probe;

import dev.lockstep.agent.proxy.Admission;
import dev.lockstep.agent.proxy.BackendSettings;
import dev.lockstep.agent.proxy.ProxySettings;
import dev.lockstep.agent.proxy.Seeing;
import dev.lockstep.agent.proxy.server.ProxyServer;
import dev.lockstep.core.config.Backend;
import dev.lockstep.core.config.ObjectKey;
import dev.lockstep.core.config.PathMatch;
import dev.lockstep.core.config.Route;
import dev.lockstep.core.config.RoutePolicy;
import dev.lockstep.core.config.RouterConfig;
import dev.lockstep.core.config.Snapshot;
import dev.lockstep.core.config.Version;
import dev.lockstep.core.routing.RouteTable;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/**
 * A data plane with one event loop: so what one connection has caused is done before another one is
 * served, and the backend connection that is free is the one that is used.
 */
final class ProbedProxy implements AutoCloseable {
  private static final List<String> HOSTS =
      List.of("a.test", "1.2.3.4", "[0:0:0:0:0:0:0:1]", "a_b.test", "xn--bcher-kva.test");

  /** A busy machine must not look like a slow client or a connection that nobody uses. */
  private static final ProxySettings.Timeouts NEVER = timeouts(Duration.ofMinutes(5));

  private final ProxyServer server;
  private final int port;
  private long version;

  ProbedProxy() {
    List<ProxySettings.Listen> any =
        List.of(new ProxySettings.Listen("127.0.0.1", 0, ProxySettings.Listen.Sharing.ALONE));
    ProxySettings settings =
        new ProxySettings(
            any,
            List.of(),
            1,
            ProxySettings.Limits.STANDARD,
            NEVER,
            ProxySettings.Http2.TLS,
            ProxySettings.VersionHeader.HIDDEN,
            Seeing.STANDARD,
            BackendSettings.STANDARD,
            ProxySettings.ProxyProtocol.NONE);
    server = new ProxyServer(settings, _ -> {}, System::nanoTime);
    port = await(server.bind()).http().getFirst().getPort();
    await(server.admission(Admission.ACCEPT));
  }

  private static ProxySettings.Timeouts timeouts(Duration all) {
    Duration linger = ProxySettings.Timeouts.STANDARD.linger();
    return new ProxySettings.Timeouts(all, all, all, all, linger, all, all);
  }

  /** Sends everything to this backend from now on. */
  void serve(RecordingBackend to) {
    Backend.Id id = new Backend.Id("shop", "web", "80");
    Backend.Endpoint endpoint =
        new Backend.Endpoint("backend.localhost", to.port(), Backend.Endpoint.State.READY);
    RouterConfig config = RouterConfig.EMPTY.with(new Backend(id, List.of(endpoint)));
    for (String host : HOSTS) {
      PathMatch all = new PathMatch(PathMatch.Type.PREFIX, "/");
      List<Route.Rule> rules = List.of(new Route.Rule(all, Route.Action.Forward.to(id)));
      ObjectKey origin = new ObjectKey("networking.k8s.io", "Ingress", "shop", "web");
      config = config.with(new Route(host, origin, rules, RoutePolicy.OPEN));
    }
    Snapshot snapshot = Snapshot.of(new Version(++version), config);
    await(server.swap(RouteTable.compile(snapshot)));
  }

  /** Sends everything to this backend from now on, and connects. */
  RawConnection client(RecordingBackend to) {
    serve(to);
    return connect();
  }

  RawConnection connect() {
    return new RawConnection(port);
  }

  private static <T> T await(CompletionStage<T> stage) {
    try {
      return stage.toCompletableFuture().get(20, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    server.close();
  }
}
