package dev.lockstep.agent;

import dev.lockstep.agent.mesh.MeshCounters;
import dev.lockstep.agent.mesh.MeshShell;
import dev.lockstep.agent.metrics.MeterName;
import dev.lockstep.agent.metrics.Meters;
import dev.lockstep.agent.proxy.BackendMeters;
import dev.lockstep.agent.proxy.ProxyMeters;
import dev.lockstep.agent.proxy.TlsMeters;
import dev.lockstep.agent.proxy.account.AccessLog;
import dev.lockstep.agent.proxy.account.Accounts;
import dev.lockstep.agent.proxy.account.Failure;
import dev.lockstep.agent.proxy.account.RouteFigures;
import dev.lockstep.agent.proxy.server.ProxyServer;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/** Shows what the parts of the shell count. */
final class ShellMeters {
  private ShellMeters() {}

  /** Registers counters that are parts of one reading. */
  private record Counts<R>(Meters meters, Supplier<R> reading) {
    void of(MeterName name, ToLongFunction<R> part) {
      meters.counter(name, () -> part.applyAsLong(reading.get()));
    }
  }

  static void register(Meters meters, ProxyServer proxy, MeshShell mesh) {
    proxy(meters, proxy);
    backends(meters, proxy.meters().backends());
    mesh(meters, mesh);
  }

  static void register(Meters meters, ReplicaLoop loop, Questions questions) {
    meters.gauge(
        MeterName.of("lockstep.loop.backlog", "Events that wait for the replica's loop"),
        loop::backlog);
    meters.gauge(
        MeterName.of("lockstep.questions", "Callers who wait for a barrier here"), questions::size);
  }

  /** Shows what the data plane alone counts. */
  static void proxy(Meters meters, ProxyServer proxy) {
    traffic(meters, proxy.meters());
    tls(meters, proxy.meters().tls());
    accounts(meters, proxy);
  }

  private static void traffic(Meters meters, ProxyMeters proxy) {
    MeterName requests =
        MeterName.of("lockstep.proxy.responses", "Answers to clients, by class of their status");
    Counts<ProxyMeters.Reading> count = new Counts<>(meters, proxy::read);
    count.of(requests.with("code", "1xx"), r -> r.responses().informational());
    count.of(requests.with("code", "2xx"), r -> r.responses().successful());
    count.of(requests.with("code", "3xx"), r -> r.responses().redirected());
    count.of(requests.with("code", "4xx"), r -> r.responses().clientErrors());
    count.of(requests.with("code", "5xx"), r -> r.responses().serverErrors());
    MeterName connects =
        MeterName.of("lockstep.proxy.backend.connects", "Attempts to connect to a backend");
    count.of(connects.with("outcome", "done"), ProxyMeters.Reading::backendConnects);
    count.of(connects.with("outcome", "failed"), ProxyMeters.Reading::backendConnectFailures);
    MeterName handshakes =
        MeterName.of(
            "lockstep.proxy.backend.handshakes.failed", "TLS handshakes with backends that failed");
    count.of(handshakes.with("reason", "certificate"), r -> r.backendHandshakes().certificate());
    count.of(handshakes.with("reason", "other"), r -> r.backendHandshakes().other());
    count.of(
        MeterName.of("lockstep.proxy.retries", "Attempts after the first of a request"),
        ProxyMeters.Reading::retries);
    count.of(
        MeterName.of("lockstep.proxy.refused", "Connections refused because there were too many"),
        ProxyMeters.Reading::connectionsRefused);
    count.of(
        MeterName.of(
            "lockstep.proxy.headers.refused",
            "Connections of trusted proxies without a correct header of the PROXY protocol"),
        ProxyMeters.Reading::proxyHeadersRefused);
    MeterName bytes = MeterName.of("lockstep.proxy.bytes", "Bytes received");
    count.of(bytes.with("from", "client"), ProxyMeters.Reading::bytesFromClients);
    count.of(bytes.with("from", "backend"), ProxyMeters.Reading::bytesFromBackends);
    meters.gauge(
        MeterName.of("lockstep.proxy.connections", "Client connections"),
        () -> proxy.read().activeConnections());
  }

  private static void tls(Meters meters, TlsMeters tls) {
    MeterName done =
        MeterName.of("lockstep.proxy.tls.handshakes", "TLS handshakes with clients that were done");
    for (TlsMeters.Protocol protocol : TlsMeters.Protocol.values()) {
      for (TlsMeters.Kind kind : TlsMeters.Kind.values()) {
        MeterName name = done.with("protocol", protocol.text()).with("kind", kind);
        meters.counter(name, () -> tls.count(protocol, kind));
      }
    }
    MeterName failed =
        MeterName.of("lockstep.proxy.tls.failures", "TLS handshakes with clients that failed");
    for (TlsMeters.Refusal why : TlsMeters.Refusal.values()) {
      meters.counter(failed.with("reason", why), () -> tls.count(why));
    }
  }

  private static void accounts(Meters meters, ProxyServer proxy) {
    Accounts accounts = proxy.accounts();
    MeterName failures =
        MeterName.of("lockstep.proxy.failures", "Requests that went wrong, by reason");
    for (Failure why : Failure.values()) {
      meters.counter(failures.with("reason", why), () -> accounts.failures().of(why));
    }
    accounts
        .figures()
        .ifPresent(figures -> meters.rows(new RouteMeters(() -> read(proxy, figures))));
    accounts.log().ifPresent(log -> accessLog(meters, log));
  }

  private static List<RouteFigures.Reading> read(ProxyServer proxy, RouteFigures figures) {
    proxy.forgetOldRoutes();
    return figures.read();
  }

  private static void accessLog(Meters meters, AccessLog log) {
    MeterName lines =
        MeterName.of("lockstep.proxy.access.log.lines", "Lines about requests, by what became");
    meters.counter(lines.with("outcome", "written"), () -> log.lines().written());
    meters.counter(lines.with("outcome", "dropped"), () -> log.lines().dropped());
    meters.counter(lines.with("outcome", "failed"), () -> log.lines().failed());
  }

  private static void backends(Meters meters, BackendMeters backends) {
    Counts<BackendMeters.Reading> count = new Counts<>(meters, backends::read);
    MeterName changes =
        MeterName.of(
            "lockstep.proxy.backend.health",
            "Times that an event loop began or ceased to leave an endpoint alone");
    count.of(changes.with("change", "ejected"), BackendMeters.Reading::ejected);
    count.of(changes.with("change", "died"), BackendMeters.Reading::died);
    count.of(changes.with("change", "returned"), BackendMeters.Reading::returned);
    count.of(
        MeterName.of("lockstep.proxy.backend.probes", "Connections tried to dead endpoints"),
        BackendMeters.Reading::probes);
    MeterName shed =
        MeterName.of("lockstep.proxy.backend.shed", "Requests refused for a full backend");
    count.of(shed.with("reason", "queue-full"), BackendMeters.Reading::queueFull);
    count.of(shed.with("reason", "waited-too-long"), BackendMeters.Reading::queueLate);
    count.of(
        MeterName.of("lockstep.proxy.retries.denied", "Requests not sent again: too many were"),
        BackendMeters.Reading::retriesDenied);
    meters.gauge(
        MeterName.of("lockstep.proxy.backend.waiting", "Requests that wait for a full backend"),
        () -> backends.read().waiting());
    MeterName out =
        MeterName.of(
            "lockstep.proxy.backend.out", "Endpoints that some event loop leaves alone, by reason");
    meters.gauge(
        out.with("reason", "ejected"),
        () -> backends.out().stream().filter(it -> it.ejected() > 0).count());
    meters.gauge(
        out.with("reason", "dead"),
        () -> backends.out().stream().filter(it -> it.dead() > 0).count());
  }

  private static void mesh(Meters meters, MeshShell mesh) {
    MeterName links =
        MeterName.of("lockstep.mesh.links", "Links and tokens, by what became of them");
    Counts<MeshCounters> count = new Counts<>(meters, mesh::counters);
    count.of(links.with("outcome", "accepted"), MeshCounters::accepted);
    count.of(links.with("outcome", "token-refused"), MeshCounters::tokensRefused);
    count.of(links.with("outcome", "token-unchecked"), MeshCounters::tokensUnchecked);
    count.of(links.with("outcome", "busy"), MeshCounters::busy);
    count.of(links.with("outcome", "wrong-pod"), MeshCounters::wrongPods);
    count.of(links.with("outcome", "unreadable"), MeshCounters::unreadable);
    count.of(links.with("outcome", "slow-reader"), MeshCounters::slowReaders);
    count.of(links.with("outcome", "silent"), MeshCounters::silent);
    count.of(links.with("outcome", "pin-mismatch"), MeshCounters::pinMismatches);
    count.of(links.with("outcome", "connect-failure"), MeshCounters::connectFailures);
    MeterName snapshots = MeterName.of("lockstep.mesh.snapshots", "Whole configs sent or fetched");
    count.of(snapshots.with("outcome", "served"), MeshCounters::snapshotsServed);
    count.of(snapshots.with("outcome", "fetched"), MeshCounters::snapshotsFetched);
    count.of(snapshots.with("outcome", "failed"), MeshCounters::snapshotFailures);
  }
}
