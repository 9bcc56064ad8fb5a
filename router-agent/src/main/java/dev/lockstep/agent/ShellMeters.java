package dev.lockstep.agent;

import dev.lockstep.agent.mesh.MeshCounters;
import dev.lockstep.agent.mesh.MeshShell;
import dev.lockstep.agent.metrics.MeterName;
import dev.lockstep.agent.metrics.Meters;
import dev.lockstep.agent.proxy.ProxyMeters;
import dev.lockstep.agent.proxy.server.ProxyServer;
import java.util.function.ToLongFunction;

/** Shows what the parts of the shell count. */
final class ShellMeters {
  private ShellMeters() {}

  static void register(Meters meters, ProxyServer proxy, MeshShell mesh) {
    proxy(meters, proxy.meters());
    mesh(meters, mesh);
  }

  static void register(Meters meters, ReplicaLoop loop, Questions questions) {
    meters.gauge(
        MeterName.of("lockstep.loop.backlog", "Events that wait for the replica's loop"),
        loop::backlog);
    meters.gauge(
        MeterName.of("lockstep.questions", "Callers who wait for a barrier here"), questions::size);
  }

  private static void proxy(Meters meters, ProxyMeters proxy) {
    MeterName requests =
        MeterName.of("lockstep.proxy.responses", "Answers to clients, by class of their status");
    ProxyCount count = (name, read) -> meters.counter(name, () -> read.applyAsLong(proxy.read()));
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

  /** Registers one counter of the data plane. */
  private interface ProxyCount {
    void of(MeterName name, ToLongFunction<ProxyMeters.Reading> read);
  }

  private static void mesh(Meters meters, MeshShell mesh) {
    MeterName links =
        MeterName.of("lockstep.mesh.links", "Links and tokens, by what became of them");
    MeshCount count = (name, read) -> meters.counter(name, () -> read.applyAsLong(mesh.counters()));
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

  /** Registers one counter of the mesh. */
  private interface MeshCount {
    void of(MeterName name, ToLongFunction<MeshCounters> read);
  }
}
