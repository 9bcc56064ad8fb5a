package dev.lockstep.agent.proxy.server;

import dev.lockstep.agent.proxy.Admission;
import dev.lockstep.agent.proxy.PauseGuard;
import dev.lockstep.agent.proxy.ProxyLoop;
import dev.lockstep.agent.proxy.ProxyMeters;
import dev.lockstep.agent.proxy.ProxySettings;
import dev.lockstep.agent.proxy.Transport;
import dev.lockstep.agent.proxy.account.Accounts;
import dev.lockstep.agent.proxy.request.ClientClaims;
import dev.lockstep.agent.proxy.request.Worker;
import dev.lockstep.agent.proxy.tls.TlsContexts;
import dev.lockstep.core.config.RouterConfig;
import dev.lockstep.core.routing.RouteTable;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.util.concurrent.EventExecutor;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The data plane as the rest of the process sees it. It listens before it has a config, refuses
 * requests until it is told to accept, and serves exactly the table that it was given last.
 *
 * <p>Order of calls: {@link #bind}, {@link #swap}, {@link #admission} with {@link
 * Admission#ACCEPT}, more swaps; at the end {@link #drain} and {@link #close}. Thread-safe.
 */
public final class ProxyServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ProxyServer.class);

  /**
   * Where it listens, in the order of the settings.
   *
   * @param http actual addresses
   * @param https actual addresses
   */
  public record Bound(List<InetSocketAddress> http, List<InetSocketAddress> https) {}

  /**
   * What the event loops were told about requests.
   *
   * @param admission what
   * @param heard completes when all have heard it
   */
  private record Told(Admission admission, CompletableFuture<Void> heard) {}

  private final ProxyMeters meters = new ProxyMeters();
  private final Accounts accounts;
  private final EventLoopGroup loops;
  private final Map<EventLoop, Worker> workers = new IdentityHashMap<>();
  private final Listeners listeners;
  private final ProxySettings settings;
  private final ExecutorService swaps =
      Executors.newSingleThreadExecutor(
          run -> Thread.ofPlatform().name("proxy-swap").daemon().unstarted(run));

  private volatile Told told = new Told(Admission.REFUSE, CompletableFuture.completedFuture(null));

  /** The contexts of the table that was swapped in last; confined to the thread of the swaps. */
  private TlsContexts contexts;

  /** What was swapped in last; confined to the thread of the swaps. */
  private RouterConfig newest = RouterConfig.EMPTY;

  /** Whether routes may have gone since figures were shown last. */
  private final AtomicBoolean routesChanged = new AtomicBoolean();

  /**
   * Makes a data plane that does nothing yet.
   *
   * @param settings how to behave
   * @param onPause told how long an event loop, or the machine, stood still, on that loop, when it
   *     was longer than the fence time; from then on that loop refuses requests until {@link
   *     #resumed}
   * @param steppedAt when the machine that decides what is served took its last step, of {@link
   *     System#nanoTime}: a data plane does not go on for long without it
   */
  public ProxyServer(ProxySettings settings, Consumer<Duration> onPause, LongSupplier steppedAt) {
    this.settings = settings;
    this.accounts = new Accounts(settings.seeing(), settings.eventLoops());
    this.contexts = TlsContexts.offering(protocols(settings));
    Transport transport = Transport.best();
    loops = transport.loops(settings.eventLoops());
    PauseGuard.Watched watched = new PauseGuard.Watched(onPause, steppedAt);
    for (EventExecutor executor : loops) {
      EventLoop loop = (EventLoop) executor;
      long seed = settings.backends().seed() + workers.size();
      ProxyLoop place = new ProxyLoop(loop, settings, meters, transport.channels(), seed);
      workers.put(loop, new Worker(place, watched, accounts.ofLoop(workers.size())));
    }
    listeners = new Listeners(settings, transport, loops, workers);
  }

  private static List<String> protocols(ProxySettings settings) {
    return switch (settings.http2()) {
      case OFF -> List.of(ApplicationProtocolNames.HTTP_1_1);
      case TLS, CLEARTEXT ->
          List.of(ApplicationProtocolNames.HTTP_2, ApplicationProtocolNames.HTTP_1_1);
    };
  }

  /** {@return the counters} */
  public ProxyMeters meters() {
    return meters;
  }

  /** {@return what is kept of requests} */
  public Accounts accounts() {
    return accounts;
  }

  /** Forgets figures of routes that are no more, soon. */
  public void forgetOldRoutes() {
    if (!swaps.isShutdown() && routesChanged.getAndSet(false)) {
      swaps.execute(() -> accounts.keepRoutesOf(newest));
    }
  }

  /** Listens on all addresses; fails, listening nowhere, if one of them cannot be had. */
  public CompletionStage<Bound> bind() {
    workers.values().forEach(worker -> worker.loop().execute(worker::start));
    return listeners
        .bind(settings.http(), ClientClaims.Scheme.HTTP)
        .thenCombine(listeners.bind(settings.https(), ClientClaims.Scheme.HTTPS), Bound::new)
        .whenComplete(
            (_, failure) -> {
              if (failure != null) {
                listeners.close();
              }
            });
  }

  /**
   * Serves this table. No connection is cut.
   *
   * @return completes AFTER every event loop serves the table and its certificates, so that an ack
   *     may be sent; fails with {@link ConfigRefused} if a certificate cannot be served, and then
   *     the table before stays
   */
  public CompletionStage<Void> swap(RouteTable table) {
    if (swaps.isShutdown()) {
      return CompletableFuture.failedFuture(closed());
    }
    return CompletableFuture.supplyAsync(() -> apply(table), swaps).thenCompose(done -> done);
  }

  /** Runs on one thread, so that tables reach every event loop in the order of the calls. */
  private CompletionStage<Void> apply(RouteTable table) {
    TlsContexts next =
        switch (contexts.update(table.snapshot().config())) {
          case TlsContexts.Outcome.Refused refused -> throw new ConfigRefused(refused.problems());
          case TlsContexts.Outcome.Ready ready -> ready.contexts();
        };
    contexts = next;
    newest = table.snapshot().config();
    // AFTER no loop serves a route that has gone, so that none counts for it again.
    return onEveryLoop(worker -> worker.serve(table, next)).thenRun(() -> routesChanged.set(true));
  }

  private static IllegalStateException closed() {
    return new IllegalStateException("the data plane is closed");
  }

  /** Says whether requests are served; a new data plane refuses them. */
  public synchronized CompletionStage<Void> admission(Admission admission) {
    CompletionStage<Void> heard = onEveryLoop(worker -> worker.admission(admission));
    // Who is told again what it does already goes on doing so meanwhile.
    if (told.admission() != admission) {
      switch (admission) {
        case ACCEPT -> LOG.info("Takes requests");
        case REFUSE -> LOG.warn("Takes no requests reason=what was missed comes first");
      }
      told = new Told(admission, heard.toCompletableFuture());
    }
    return heard;
  }

  /**
   * {@return whether requests are to be served and every event loop has heard of it}. A replica
   * that said "ready" before that would be sent requests which one of its loops refuses.
   */
  public boolean takesRequests() {
    Told last = told;
    CompletableFuture<Void> heard = last.heard();
    return last.admission() == Admission.ACCEPT
        && heard.isDone()
        && !heard.isCompletedExceptionally();
  }

  /** Serves again after a pause: the replica has synced since. */
  public CompletionStage<Void> resumed() {
    long decidedAt = System.nanoTime();
    return onEveryLoop(worker -> worker.resume(decidedAt));
  }

  /**
   * Lets all clients that are connected now go gently: their next response says {@code Connection:
   * close}, and idle connections are closed one after the other over this time. Tunnels and
   * requests that are being answered are left alone.
   */
  public CompletionStage<Void> retireConnections(Duration over) {
    return onEveryLoop(worker -> worker.retire(over));
  }

  /**
   * Stops gracefully: accepts no more, retires all connections over the first half of the time, and
   * cuts what is left at its end. Call it when new connections go elsewhere already.
   *
   * @return completes when the last client is gone
   */
  public CompletionStage<Void> drain(Duration within) {
    return listeners
        .close()
        .thenCompose(_ -> retireConnections(within.dividedBy(2)))
        .thenCompose(
            _ -> {
              CompletableFuture<Void> empty = whenEmpty();
              loops
                  .next()
                  .schedule(
                      () -> onEveryLoop(Worker::close), within.toNanos(), TimeUnit.NANOSECONDS);
              return empty;
            });
  }

  private CompletableFuture<Void> whenEmpty() {
    List<CompletableFuture<Void>> all = new ArrayList<>();
    for (Worker worker : workers.values()) {
      CompletableFuture<Void> empty = new CompletableFuture<>();
      worker.loop().execute(() -> worker.whenEmpty(() -> empty.complete(null)));
      all.add(empty);
    }
    return CompletableFuture.allOf(all.toArray(CompletableFuture[]::new));
  }

  /** Runs this on each event loop; completes when all have run it. */
  public CompletionStage<Void> onEveryLoop(Consumer<Worker> act) {
    if (loops.isShuttingDown()) {
      return CompletableFuture.failedFuture(closed());
    }
    List<CompletableFuture<Void>> all = new ArrayList<>();
    for (Worker worker : workers.values()) {
      all.add(CompletableFuture.runAsync(() -> act.accept(worker), worker.loop()));
    }
    return CompletableFuture.allOf(all.toArray(CompletableFuture[]::new));
  }

  /** Cuts everything and frees all threads; waits until that is done. */
  @Override
  public void close() {
    swaps.shutdownNow();
    listeners.close();
    onEveryLoop(Worker::close);
    loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
    accounts.close();
  }
}
