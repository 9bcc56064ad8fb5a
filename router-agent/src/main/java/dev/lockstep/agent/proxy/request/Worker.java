package dev.lockstep.agent.proxy.request;

import dev.lockstep.agent.proxy.Admission;
import dev.lockstep.agent.proxy.PauseGuard;
import dev.lockstep.agent.proxy.ProxyLoop;
import dev.lockstep.agent.proxy.ProxyMeters;
import dev.lockstep.agent.proxy.ProxySettings;
import dev.lockstep.agent.proxy.Seeing;
import dev.lockstep.agent.proxy.TlsMeters;
import dev.lockstep.agent.proxy.account.LoopAccount;
import dev.lockstep.agent.proxy.backend.UpstreamPool;
import dev.lockstep.agent.proxy.http.ExtraFields;
import dev.lockstep.agent.proxy.http.RequestHead;
import dev.lockstep.agent.proxy.tls.SniSelector;
import dev.lockstep.agent.proxy.tls.TlsContexts;
import dev.lockstep.core.config.Certificate;
import dev.lockstep.core.routing.Balancer;
import dev.lockstep.core.routing.RouteTable;
import io.netty.channel.EventLoop;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What one event loop owns: the table that it serves, its clients, its backend connections. Nothing
 * is shared with other loops but the counters.
 *
 * <p>Confined to the event loop.
 */
public final class Worker {

  private final ProxyLoop loop;
  private final PauseGuard guard;
  private final Balancer balancer = new Balancer();
  private final UpstreamPool pool;
  private final LoopAccount account;
  private final @Nullable RequestIds ids;
  private final @Nullable VersionWaits waits;
  private final Set<ClientConnection> clients = new LinkedHashSet<>();
  private RouteTable table = RouteTable.EMPTY;
  private TlsContexts tls = TlsContexts.NONE;
  private Admission admission = Admission.REFUSE;
  private boolean retiring;
  private boolean closed;
  private OwnFields.@Nullable VersionField versionField;
  private Runnable onEmpty = () -> {};

  /** Runs on this loop, notices pauses by this, and writes down here what it has served. */
  public Worker(ProxyLoop loop, PauseGuard.Watched watched, LoopAccount account) {
    this.loop = loop;
    this.account = account;
    Seeing seeing = loop.settings().seeing();
    this.ids =
        seeing.requestId().source() == Seeing.RequestId.Source.NOBODY
            ? null
            : new RequestIds(seeing.requestId(), new SecureRandom());
    this.waits = seeing.minVersion().map(it -> new VersionWaits(loop.executor(), it)).orElse(null);
    this.guard = new PauseGuard(loop.settings().timeouts().fence(), watched, System.nanoTime());
    this.pool = new UpstreamPool(loop);
  }

  /**
   * Begins to look at the clock now and then, so that an idle loop is not taken for a paused one.
   */
  public void start() {
    long quarter = settings().timeouts().fence().toNanos() / 4;
    long period = Math.min(quarter, TimeUnit.SECONDS.toNanos(1));
    loop().scheduleWithFixedDelay(this::isAwake, period, period, TimeUnit.NANOSECONDS);
  }

  /** {@return its thread} */
  public EventLoop loop() {
    return loop.executor();
  }

  /** {@return how to behave} */
  public ProxySettings settings() {
    return loop.settings();
  }

  /** {@return counters} */
  public ProxyMeters meters() {
    return loop.meters();
  }

  /** {@return reads the heads of requests} */
  public RequestHead newHead() {
    Set<ExtraFields.Extra> meant = EnumSet.noneOf(ExtraFields.Extra.class);
    if (ids != null) {
      meant.add(ExtraFields.Extra.REQUEST_ID);
    }
    if (waits != null) {
      meant.add(ExtraFields.Extra.MIN_VERSION);
    }
    RequestHead head = new RequestHead(settings().limits().head(), meant);
    head.reset();
    return head;
  }

  LoopAccount account() {
    return account;
  }

  /** {@return what names requests, if anything does} */
  @Nullable RequestIds ids() {
    return ids;
  }

  /** {@return requests that wait for a version, if any may} */
  @Nullable VersionWaits waits() {
    return waits;
  }

  /** {@return whether it has waited for a version until now} */
  boolean stopsWaiting(Exchange exchange) {
    return waits != null && waits.remove(exchange);
  }

  /** {@return the version that is served, as a field, if answers show it} */
  OwnFields.@Nullable VersionField versionField() {
    return versionField;
  }

  Balancer balancer() {
    return balancer;
  }

  UpstreamPool pool() {
    return pool;
  }

  /** {@return what it serves} */
  public RouteTable table() {
    return table;
  }

  /** Serves this table from the next request and the next handshake on. */
  public void serve(RouteTable next, TlsContexts contexts) {
    table = next;
    tls = contexts;
    account.tableChanged();
    pool.serve(next, contexts);
    if (settings().versionHeader() == ProxySettings.VersionHeader.SHOWN) {
      versionField = new OwnFields.VersionField(next.version().toString());
    }
    if (waits != null) {
      waits.served(next.version());
    }
  }

  /** Serves requests from now on, or refuses them. */
  public void admission(Admission changed) {
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

  /** Serves again after a pause that was noticed before this moment. */
  public void resume(long decidedAt) {
    guard.resume(decidedAt, System.nanoTime());
  }

  /**
   * Chooses what a handshake gets. Only who may serve may say that a name is unknown: the table of
   * a replica that has just started, or is excluded, is not what was promised.
   */
  public SniSelector.Choice select(Optional<String> serverName) {
    Optional<Certificate> certificate =
        serverName.isPresent()
            ? table.certificateFor(serverName.get())
            : table.defaultCertificate();
    Optional<SniSelector.Choice> selection =
        certificate.flatMap(
            c -> tls.of(c.id()).map(context -> new SniSelector.Selection(c.id(), context)));
    return selection.orElseGet(this::refuseName);
  }

  private SniSelector.Alert refuseName() {
    if (admits()) {
      meters().tls().failed(TlsMeters.Refusal.UNKNOWN_NAME);
      return SniSelector.Alert.UNRECOGNIZED_NAME;
    }
    meters().tls().failed(TlsMeters.Refusal.NOT_READY);
    return SniSelector.Alert.INTERNAL_ERROR;
  }

  /** Owns this connection until it is removed. */
  public void add(ClientConnection client) {
    clients.add(client);
    meters().connectionOpened();
  }

  /** Forgets a connection that is closed. */
  public void remove(ClientConnection client) {
    if (clients.remove(client)) {
      meters().connectionClosed();
      if (clients.isEmpty()) {
        onEmpty.run();
      }
    }
  }

  /** Whether connections serve one request at most: clients should go elsewhere. */
  public boolean isRetiring() {
    return retiring;
  }

  /**
   * Lets every client that is connected now go, one after the other over this time; who comes later
   * gets one answer, until requests are accepted anew.
   */
  public void retire(Duration over) {
    retiring = true;
    List<ClientConnection> retiring = new ArrayList<>(clients);
    for (int i = 0; i < retiring.size(); i++) {
      retiring.get(i).retire(over.toNanos() / retiring.size() * (i + 1));
    }
  }

  /** Runs this as soon as there are no clients, at once if there are none now. */
  public void whenEmpty(Runnable run) {
    onEmpty = run;
    if (clients.isEmpty()) {
      run.run();
    }
  }

  /** {@return whether all connections are being cut} */
  boolean isClosed() {
    return closed;
  }

  /** Cuts all connections. */
  public void close() {
    closed = true;
    new ArrayList<>(clients).forEach(ClientConnection::abort);
    pool.close();
  }
}
