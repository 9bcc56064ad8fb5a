package dev.lockstep.agent.proxy.backend;

import dev.lockstep.agent.proxy.BackendMeters;
import dev.lockstep.agent.proxy.ProxyLoop;
import dev.lockstep.agent.proxy.health.ConnectPace;
import dev.lockstep.agent.proxy.health.EndpointOrder;
import dev.lockstep.agent.proxy.health.Health;
import dev.lockstep.agent.proxy.health.Health.Standing;
import dev.lockstep.agent.proxy.tls.BackendContexts;
import dev.lockstep.core.config.Backend;
import dev.lockstep.core.config.BackendTls;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One endpoint, as one event loop knows it: its connections, how many requests it has, and how it
 * is doing. While no connection to it stands, it is asked for one by one probe at a time, ever more
 * seldom, until it is back or no backend lists it.
 *
 * <p>Idle connections are used last in, first out. So as many stay open as were in use at once
 * within the last {@code backend-idle-timeout}, and the rest goes one by one as its own time comes.
 *
 * <p>Confined to the event loop.
 */
final class Destination {
  private final UpstreamPool pool;
  private final UpstreamPool.Key key;
  private final Optional<BackendContexts> tls;
  private final BackendMeters.Name name;
  private final long hash;
  private final Deque<Http1Upstream> idle = new ArrayDeque<>(4);
  private final Health health;
  private final ConnectPace pace;
  private final Set<Fleet> fleets = new LinkedHashSet<>(2);
  private @Nullable SharedConnections shared;
  private @Nullable Future<?> wakeTask;
  private long wakesAt;
  private int requests;
  private int spareOpenings;
  private boolean trialTaken; // By the attempt that is opened next.

  /** Begins connections with these contexts, which must be there if it speaks TLS. */
  Destination(UpstreamPool pool, UpstreamPool.Key key, Optional<BackendContexts> tls) {
    this.pool = pool;
    this.key = key;
    this.tls = tls;
    this.name = new BackendMeters.Name(key.namespace(), key.address(), key.port());
    this.hash = EndpointOrder.hash(key.address() + " " + key.port());
    this.health = new Health(pool.settings().recovery(), pool::now, pool.random());
    this.pace = new ConnectPace(pool.settings().connecting().perSecond(), pool.now());
  }

  UpstreamPool.Key key() {
    return key;
  }

  /** {@return a number that stands for the endpoint, the same for all replicas} */
  long hash() {
    return hash;
  }

  ProxyLoop loop() {
    return pool.loop();
  }

  // Who lists it.

  void join(Fleet fleet) {
    fleets.add(fleet);
  }

  /** Nobody who lists it sends it anything new; what it is answering goes on. */
  void leave(Fleet fleet) {
    fleets.remove(fleet);
    if (fleets.isEmpty()) {
      pool.forget(this);
      stopWaking();
      loop().meters().backends().forgotten(name, health.standing());
      List.copyOf(idle).forEach(Http1Upstream::close);
    }
  }

  private boolean isListed() {
    return !fleets.isEmpty();
  }

  // Its requests.

  void requestBegins() {
    requests++;
  }

  void requestEnds() {
    requests--;
  }

  /** {@return how many requests it has} */
  int requests() {
    return requests;
  }

  // Its connections.

  /** {@return a way that stands already, or null} */
  @Nullable Upstream take(Backend.Protocol protocol) {
    if (maySpeakHttp2(protocol)) {
      Upstream stream = shared == null ? null : shared.take().orElse(null);
      // What is idle may have been opened for an upgrade, which HTTP/2 does not have.
      if (stream != null || shared == null || !shared.isLastHttp1()) {
        return stream;
      }
    }
    Http1Upstream lastUsed = idle.pollLast();
    if (pool.settings().connecting().spares() > 0) {
      openSpare(protocol);
    }
    return lastUsed;
  }

  private static boolean maySpeakHttp2(Backend.Protocol protocol) {
    return switch (protocol) {
      case Backend.Cleartext.HTTP1 -> false;
      case Backend.Cleartext.H2C -> true;
      case BackendTls it -> it.versions() == BackendTls.Versions.HTTP2_OR_HTTP1;
    };
  }

  private void openSpare(Backend.Protocol protocol) {
    boolean enough = idle.size() + spareOpenings >= pool.settings().connecting().spares();
    if (enough || health.standing() != Standing.WELL) {
      return;
    }
    spareOpenings++;
    connect(
        protocol, pool.settings().recovery().timeout().first(), new Parking(() -> spareOpenings--));
  }

  /** Keeps the connection for the next request, unless there are enough. */
  void offer(Http1Upstream connection) {
    if (!isListed() || idle.size() >= loop().settings().limits().idleBackendConnections()) {
      connection.close();
    } else {
      idle.addLast(connection);
    }
  }

  /** Forgets a connection that is closed. */
  void remove(Http1Upstream connection) {
    idle.remove(connection);
  }

  /** Opens a connection; {@link #admits} must have said that it may be. */
  Opening connect(Backend.Protocol protocol, Duration timeout, UpstreamPool.Waiting waiting) {
    if (maySpeakHttp2(protocol)) {
      return shared().connect(timeout, waiting);
    }
    Opening opening = new Opening().takeTrial();
    opening.waits = open(protocol, timeout, new Alone(opening, waiting));
    return opening;
  }

  /** One connection of HTTP/1.1, for one who waits. */
  private final class Alone implements Connector.Opener {
    private final Opening opening;
    private final UpstreamPool.Waiting waiting;

    Alone(Opening opening, UpstreamPool.Waiting waiting) {
      this.opening = opening;
      this.waiting = waiting;
    }

    @Override
    public ChannelHandler reader(Channel channel, Connector.Http http) {
      return new Http1Upstream(Destination.this, channel);
    }

    @Override
    public void opened(Channel channel, Connector.Http http) {
      opening.done();
      Http1Upstream.handOver(channel, waiting);
    }

    @Override
    public void failed(UpstreamPool.Failure failure) {
      opening.failed();
      waiting.failed(failure);
    }
  }

  private SharedConnections shared() {
    SharedConnections known = shared;
    if (known == null) {
      known = new SharedConnections(this);
      shared = known;
    }
    return known;
  }

  /**
   * Opens a connection, on which this shall be spoken, as soon as the pace allows.
   *
   * @return its turn, if it has to wait for that
   */
  @Nullable Future<?> open(Backend.Protocol protocol, Duration timeout, Connector.Opener opener) {
    Connector.Attempt attempt =
        new Connector.Attempt(key.speaking(protocol), context(protocol), timeout, opener);
    long wait = pace.reserve(pool.now());
    if (wait > 0 && wait <= timeout.toNanos()) {
      return loop()
          .executor()
          .schedule(() -> pool.connector().open(attempt), wait, TimeUnit.NANOSECONDS);
    }
    if (wait == 0) {
      pool.connector().open(attempt);
    } else {
      pace.giveBack();
      opener.failed(UpstreamPool.Failure.TIMEOUT);
    }
    return null;
  }

  private Optional<SslContext> context(Backend.Protocol protocol) {
    return switch (protocol) {
      case Backend.Cleartext _ -> Optional.empty();
      case BackendTls wanted -> {
        // Never in the clear because of a mistake of ours.
        BackendContexts known = tls.orElseThrow(() -> new IllegalStateException("no TLS: " + key));
        yield Optional.of(wanted.equals(key.protocol()) ? known.standard() : known.upgrade());
      }
    };
  }

  /** An attempt to connect, which tells once how it went; to a dead endpoint it is the trial. */
  final class Opening {
    private boolean trial;
    private boolean told;
    private @Nullable Future<?> waits; // For its turn to begin.

    /** Is the trial, if somebody has just taken that. BEFORE it begins: it may fail at once. */
    Opening takeTrial() {
      if (trialTaken) {
        trialTaken = false;
        trial = true;
        told = false;
      }
      return this;
    }

    /**
     * Nobody wants it any more. One that is under way goes on, and is there for the next request;
     * one that has not begun does not, or requests that go at once would keep others waiting.
     *
     * @return whether it has not begun
     */
    boolean abandon() {
      Future<?> turn = waits;
      boolean early = turn != null && !trial && turn.cancel(false);
      if (early) {
        pace.giveBack();
      }
      waits = null;
      return early;
    }

    void done() {
      boolean late = told && health.standing() == Standing.DEAD && health.tryTrial();
      if (late || (trial && !told)) {
        change(Health::trialDone);
      }
      told = true;
    }

    void failed() {
      if (told) {
        return;
      }
      told = true;
      if (trial) {
        change(it -> it.trialFailed(Health.Failure.CONNECT));
      } else {
        change(it -> it.failed(Health.Failure.CONNECT));
      }
    }
  }

  // How it is doing.

  Standing standing() {
    return health.standing();
  }

  /** {@return whether a connection may be opened now; then it must be} */
  boolean admits() {
    if (health.standing() != Standing.DEAD) {
      return true;
    }
    trialTaken = health.tryTrial();
    return trialTaken;
  }

  boolean tryTrial() {
    return health.tryTrial();
  }

  void answered() {
    health.answered();
  }

  void failed() {
    change(it -> it.failed(Health.Failure.ANSWER));
  }

  void trialDone() {
    change(Health::trialDone);
  }

  void trialFailed() {
    change(it -> it.trialFailed(Health.Failure.ANSWER));
  }

  void trialAbandoned() {
    health.trialAbandoned();
  }

  private void change(Consumer<Health> event) {
    if (!isListed()) {
      return;
    }
    Standing before = health.standing();
    event.accept(health);
    Standing now = health.standing();
    if (now != before) {
      pool.standingChanged();
      loop().meters().backends().standing(name, before, now);
    }
    boolean isOut = now == Standing.EJECTED || now == Standing.DEAD;
    if (isOut && (now != before || health.wakeAt() != wakesAt)) {
      wakeLater();
    }
  }

  private void wakeLater() {
    stopWaking();
    wakesAt = health.wakeAt();
    long left = Math.max(0, wakesAt - pool.now());
    wakeTask = loop().executor().schedule(this::wake, left, TimeUnit.NANOSECONDS);
  }

  private void stopWaking() {
    Future<?> task = wakeTask;
    if (task != null) {
      task.cancel(false);
      wakeTask = null;
    }
  }

  private void wake() {
    wakeTask = null;
    // Nobody may have asked for its backends since they lost it.
    List.copyOf(fleets).forEach(pool::renew);
    if (!isListed()) {
      return;
    }
    switch (health.standing()) {
      case EJECTED -> change(Health::wake);
      case DEAD -> probe();
      case WELL, TRIAL -> {}
    }
  }

  private void probe() {
    if (admits()) {
      loop().meters().backends().probed();
      connect(key.protocol(), health.probeTimeout(), new Parking(() -> {}));
    }
  }

  void close() {
    stopWaking();
    List.copyOf(idle).forEach(Http1Upstream::close);
    if (shared != null) {
      shared.close();
    }
  }
}
