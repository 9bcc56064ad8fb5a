package dev.lockstep.agent.mesh;

import dev.lockstep.agent.mesh.MeshLink.CloseCode;
import dev.lockstep.agent.wire.MessageCodec;
import dev.lockstep.core.protocol.Effect;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The mesh as the composition root sees it: effects in, events out. None of these methods blocks.
 *
 * <p>For each link: its events come in the order in which they happened; {@code LinkLost} comes
 * exactly once, also for a link that could not be made, and is the last one; after {@link
 * #execute(Effect.Disconnect)} has returned, no event of it comes any more.
 *
 * <p>Thread-safe.
 */
public final class MeshShell {
  private final MeshParts parts;
  private final MeshServer server;
  private final MeshClient client;
  private final SnapshotFetcher fetcher;
  private final Prober prober;

  /** A mesh that is not bound yet. */
  public MeshShell(
      Vertx vertx, MeshIdentity identity, MeshEnvironment environment, MeshSettings settings) {
    this.parts =
        new MeshParts(
            vertx,
            settings,
            environment,
            new MessageCodec(),
            new MeshTally(),
            new ConcurrentHashMap<>());
    this.server = new MeshServer(parts, identity);
    this.client = new MeshClient(parts);
    this.fetcher = new SnapshotFetcher(parts);
    this.prober = new Prober(parts);
  }

  /**
   * Binds the mesh port. To be done before anything else: a port that refuses is evidence that its
   * process is gone.
   *
   * @return the port, once it is bound
   */
  public CompletionStage<Integer> bind(String host, int port) {
    return server.bind(host, port).toCompletionStage();
  }

  /** Connects to a leader; {@code LeaderConnected} or {@code LinkLost} follows. */
  public void execute(Effect.Connect connect) {
    client.connect(connect);
  }

  /** Closes a link; nothing follows. */
  public void execute(Effect.Disconnect disconnect) {
    parts
        .link(disconnect.link())
        .ifPresent(link -> link.disconnect(CloseCode.NORMAL, disconnect.reason()));
  }

  /** Sends a message; on a link that has ended, nothing happens. */
  public void execute(Effect.Send send) {
    parts.link(send.link()).ifPresent(link -> link.send(parts.codec().encode(send.message())));
  }

  /** Fetches a snapshot; {@code SnapshotFetched} or {@code SnapshotFetchFailed} follows. */
  public void execute(Effect.FetchSnapshot fetch) {
    fetcher.fetch(fetch);
  }

  /** Probes the ports of a replica; {@code Probed} follows. */
  public void execute(Effect.Probe probe) {
    prober.probe(probe);
  }

  /** {@return what was counted since the start} */
  public MeshCounters counters() {
    return parts.tally().counters();
  }

  /** {@return how many connections others hold open here} */
  public int openConnections() {
    return server.openConnections();
  }

  /** Closes all links, without events, and the port. */
  public CompletionStage<Void> close() {
    List.copyOf(parts.links().values())
        .forEach(link -> link.disconnect(CloseCode.GOING_AWAY, "shutting down"));
    return server.close().toCompletionStage();
  }
}
