package dev.lockstep.agent.proxy;

import dev.lockstep.agent.proxy.tls.SniSelector;
import dev.lockstep.agent.proxy.tls.TlsContexts;
import dev.lockstep.core.config.Certificate;
import dev.lockstep.core.routing.Balancer;
import dev.lockstep.core.routing.RouteTable;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.DecoderException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one event loop owns: the table that it serves, its clients, its backend connections. Nothing
 * is shared with other loops but the counters.
 *
 * <p>Confined to the event loop.
 */
final class Worker {
  private static final Logger LOG = LoggerFactory.getLogger(Worker.class);

  private final EventLoop loop;
  private final ProxySettings settings;
  private final ProxyMeters meters;
  private final PauseGuard guard;
  private final Balancer balancer = new Balancer();
  private final UpstreamPool pool;
  private final Set<ClientConnection> clients = new LinkedHashSet<>();
  private RouteTable table = RouteTable.EMPTY;
  private TlsContexts tls = TlsContexts.NONE;
  private Admission admission = Admission.REFUSE;
  private boolean retiring;
  private byte[] versionField = new byte[0];
  private Runnable onEmpty = () -> {};

  /** What all workers of a server share. */
  record Shared(
      ProxySettings settings,
      ProxyMeters meters,
      ChannelFactory<? extends Channel> backendChannels,
      Watched watched) {}

  /**
   * What a pause is noticed by, and who is told.
   *
   * @param onPause how long something stood still
   * @param steppedAt when the machine that decides what is served took its last step, of {@link
   *     System#nanoTime}
   */
  record Watched(Consumer<Duration> onPause, LongSupplier steppedAt) {}

  Worker(EventLoop loop, Shared shared) {
    this.loop = loop;
    this.settings = shared.settings();
    this.meters = shared.meters();
    this.guard = new PauseGuard(settings.timeouts().fence(), shared.watched(), System.nanoTime());
    this.pool = new UpstreamPool(this, shared.backendChannels());
  }

  /**
   * Begins to look at the clock now and then, so that an idle loop is not taken for a paused one.
   */
  void start() {
    long period = Math.min(settings.timeouts().fence().toNanos() / 4, TimeUnit.SECONDS.toNanos(1));
    loop.scheduleWithFixedDelay(this::isAwake, period, period, TimeUnit.NANOSECONDS);
  }

  EventLoop loop() {
    return loop;
  }

  ProxySettings settings() {
    return settings;
  }

  ProxyMeters meters() {
    return meters;
  }

  Balancer balancer() {
    return balancer;
  }

  UpstreamPool pool() {
    return pool;
  }

  RouteTable table() {
    return table;
  }

  /** Serves this table from the next request and the next handshake on. */
  void serve(RouteTable next, TlsContexts contexts) {
    table = next;
    tls = contexts;
    if (settings.versionHeader() == ProxySettings.VersionHeader.SHOWN) {
      versionField =
          ("lockstep-version: " + next.version() + "\r\n").getBytes(StandardCharsets.US_ASCII);
    }
  }

  /** Writes the header field that tells the version, if it is to be shown. */
  void writeVersion(ByteBuf out) {
    out.writeBytes(versionField);
  }

  void admission(Admission changed) {
    if (admission != changed) {
      // Who was connected in the other state goes. While requests are refused, clients come by an
      // older endpoint view, perhaps through the backlog of a long pause; and a replica may open
      // by time alone, with a config that is old. Nobody else is hit, for no client is sent here
      // by a newer view before the replica is ready, which is when all loops accept.
      List.copyOf(clients).forEach(client -> client.retire(0));
    }
    admission = changed;
    retiring = retiring && changed == Admission.REFUSE;
  }

  /** {@return whether a request that has come just now may be served} */
  boolean admits() {
    return isAwake() && admission == Admission.ACCEPT;
  }

  /** {@return whether this loop has not stood still since somebody said that it may serve} */
  boolean isAwake() {
    return guard.look(System.nanoTime());
  }

  void resume(long decidedAt) {
    guard.resume(decidedAt, System.nanoTime());
  }

  /**
   * Chooses what a handshake gets. Only who may serve may say that a name is unknown: the table of
   * a replica that has just started, or is excluded, is not what was promised.
   */
  SniSelector.Choice select(Optional<String> serverName) {
    Optional<Certificate> certificate =
        serverName.isPresent()
            ? table.certificateFor(serverName.get())
            : table.defaultCertificate();
    Optional<SniSelector.Choice> selection =
        certificate.flatMap(
            c -> tls.of(c.id()).map(context -> new SniSelector.Selection(c.id(), context)));
    return selection.orElseGet(
        () -> admits() ? SniSelector.Alert.UNRECOGNIZED_NAME : SniSelector.Alert.INTERNAL_ERROR);
  }

  void add(ClientConnection client) {
    clients.add(client);
    meters.connectionOpened();
  }

  void remove(ClientConnection client) {
    if (clients.remove(client)) {
      meters.connectionClosed();
      if (clients.isEmpty()) {
        onEmpty.run();
      }
    }
  }

  /** Logs what is neither the network's nor the other side's doing: a defect of ours. */
  static void logUnexpected(Throwable cause) {
    boolean expected = cause instanceof IOException || cause instanceof DecoderException;
    if (!expected) {
      LOG.error("connection closed by a defect", cause);
    }
  }

  /** Whether connections serve one request at most: clients should go elsewhere. */
  boolean isRetiring() {
    return retiring;
  }

  /**
   * Lets every client that is connected now go, one after the other over this time; who comes later
   * gets one answer, until requests are accepted anew.
   */
  void retire(Duration over) {
    retiring = true;
    List<ClientConnection> retiring = new ArrayList<>(clients);
    for (int i = 0; i < retiring.size(); i++) {
      retiring.get(i).retire(over.toNanos() / retiring.size() * (i + 1));
    }
  }

  /** Runs this as soon as there are no clients, at once if there are none now. */
  void whenEmpty(Runnable run) {
    onEmpty = run;
    if (clients.isEmpty()) {
      run.run();
    }
  }

  /** Cuts all connections. */
  void close() {
    new ArrayList<>(clients).forEach(ClientConnection::abort);
    pool.close();
  }
}
