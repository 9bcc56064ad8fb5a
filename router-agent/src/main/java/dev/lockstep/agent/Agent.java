package dev.lockstep.agent;

import dev.lockstep.agent.api.ApiLimits;
import dev.lockstep.agent.api.ApiServer;
import dev.lockstep.agent.api.Control;
import dev.lockstep.agent.kubernetes.KubernetesSettings;
import dev.lockstep.agent.kubernetes.KubernetesShell;
import dev.lockstep.agent.mesh.MeshEnvironment;
import dev.lockstep.agent.mesh.MeshIdentity;
import dev.lockstep.agent.mesh.MeshSettings;
import dev.lockstep.agent.mesh.MeshShell;
import dev.lockstep.agent.mesh.TokenVerdict;
import dev.lockstep.agent.metrics.Meters;
import dev.lockstep.agent.proxy.server.ConfigRefused;
import dev.lockstep.agent.proxy.server.ProxyServer;
import dev.lockstep.agent.settings.AgentSettings;
import dev.lockstep.agent.settings.ListenAddress;
import dev.lockstep.agent.storage.SnapshotStore;
import dev.lockstep.core.Replica;
import dev.lockstep.core.config.ConfigProblem;
import dev.lockstep.core.config.Snapshot;
import dev.lockstep.core.protocol.Address;
import dev.lockstep.core.protocol.Event;
import dev.lockstep.core.protocol.Identity;
import dev.lockstep.core.protocol.PodId;
import dev.lockstep.core.protocol.ReplicaId;
import io.vertx.core.Vertx;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One router process, put together: the only place that sees all parts. Read {@link #start} from
 * top to bottom: ports first, because a port that refuses is evidence that nobody runs here; then
 * what the disk remembers; then the machine.
 */
public final class Agent {
  private static final Logger log = LoggerFactory.getLogger(Agent.class);

  /** Numbers of links that others open; those that the machine opens count up from 1. */
  private static final long FIRST_FOLLOWER_LINK = 1L << 32;

  private final AgentSettings settings;
  private final Vertx vertx = Vertx.vertx();
  private final Notices notices = new Notices();
  private final CompletableFuture<Void> machineDone = new CompletableFuture<>();
  private final CompletableFuture<Integer> ended = new CompletableFuture<>();
  private final AtomicLong followerLinks = new AtomicLong(FIRST_FOLLOWER_LINK);

  private final ProxyServer proxy;
  private final DataPlane dataPlane;
  private final KubernetesShell kubernetes;
  private final MeshShell mesh;
  private final ReplicaLoop loop;
  private final Questions questions;
  private final Meters meters;
  private final ApiServer api;
  private final SnapshotStore store;

  private Agent(AgentSettings settings) {
    this.settings = settings;
    MeshToken token = new MeshToken(settings.kubernetes().meshTokenFile());
    MeshIdentity meshIdentity = MeshIdentity.generate();
    Identity identity = identity(settings, meshIdentity);
    AtomicReference<EffectRunner> effects = new AtomicReference<>();
    loop =
        new ReplicaLoop(
            Replica.create(identity, settings.timings()),
            effect -> effects.get().accept(effect),
            failure -> ended.complete(1));
    questions = new Questions(loop);
    store = store(settings.state());
    proxy = new ProxyServer(ProxySettingsFrom.of(settings), this::stoodStill, loop::steppedAt);
    dataPlane = new DataPlane(store, proxy::swap, Agent::problems, loop::submit);
    kubernetes = new KubernetesShell(kubernetesSettings(settings, token), loop::submit);
    MeshEnvironment environment =
        new MeshEnvironment(
            this::verify, token, followerLinks::getAndIncrement, dataPlane::find, loop::submit);
    mesh = new MeshShell(vertx, meshIdentity, environment, MeshSettings.STANDARD);
    meters = new Meters(loop::view);
    LoopControl control =
        new LoopControl(loop, proxy::takesRequests, this::leftAlone, questions, notices);
    api = new ApiServer(vertx, control, meters, limits(settings));
    effects.set(
        new EffectRunner(
            kubernetes, mesh, dataPlane, proxy, questions, notices, loop::state, machineDone));
  }

  /**
   * Starts a router.
   *
   * @return the router, its ports bound and its machine running
   * @throws IllegalArgumentException when a setting does not fit this machine, with the setting
   */
  public static Agent start(AgentSettings settings) {
    Agent agent = new Agent(settings);
    agent.notices.subscribe((notice, view) -> NoticeLog.write(notice));
    agent.notices.subscribe((notice, view) -> agent.meters.onNotice(notice));
    ShellMeters.register(agent.meters, agent.proxy, agent.mesh);
    ShellMeters.register(agent.meters, agent.loop, agent.questions);
    agent.bind();
    Optional<Snapshot> lastKnownGood = agent.store.load();
    lastKnownGood.ifPresent(agent.dataPlane::loaded);
    agent.loop.submit(new Event.Started(lastKnownGood));
    agent.loop.start();
    log.info(
        "Started replica={} lease={}/{} lastKnownGood={}",
        agent.loop.view().self().replica(),
        settings.kubernetes().leaseNamespace(),
        settings.kubernetes().lease(),
        lastKnownGood.map(snapshot -> snapshot.version().toString()).orElse("none"));
    return agent;
  }

  private List<Control.LeftAlone> leftAlone() {
    return proxy.meters().backends().out().stream()
        .map(
            it ->
                new Control.LeftAlone(
                    it.name().namespace(),
                    it.name().address(),
                    it.name().port(),
                    it.ejected(),
                    it.dead()))
        .toList();
  }

  /** {@return the exit code, once the process has nothing left to do} */
  public CompletableFuture<Integer> ended() {
    return ended;
  }

  /** On an event loop of the data plane, which refuses requests from now on. */
  private void stoodStill(Duration gap) {
    log.warn("An event loop stood still millis={}", gap.toMillis());
    loop.submit(new Event.LoopPaused());
  }

  private void bind() {
    ListenAddress meshAt = settings.listen().mesh();
    ListenAddress apiAt = settings.listen().api();
    await("mesh-listen: " + meshAt, mesh.bind(meshAt.host(), meshAt.port()));
    await("http-listen, https-listen: " + settings.listen().http(), proxy.bind());
    await("api-listen: " + apiAt, api.bind(apiAt.host(), apiAt.port()).toCompletionStage());
  }

  private static void await(String what, CompletionStage<?> bound) {
    try {
      bound.toCompletableFuture().get(10, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new IllegalArgumentException(what + " (cannot be opened: " + cause.getMessage() + ")");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while ports were opened", e);
    }
  }

  /**
   * Ends in order: hands the Lease over, serves on while endpoints disappear, lets open requests
   * finish, closes. Blocks until that is done, or the deadline is over.
   */
  public void stop() {
    long begun = System.nanoTime();
    log.info("Stopping");
    loop.submit(new Event.Draining());
    Duration deadline = settings.shutdown().deadline();
    Duration drainTime = settings.timings().drainTime();
    Duration grace = settings.shutdown().grace();
    try {
      machineDone.get(deadline.dividedBy(4).toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      log.warn("The Lease could not be handed over in time; it will expire");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    CompletableFuture<Void> drained = new CompletableFuture<>();
    Duration left = drainTime.minusNanos(System.nanoTime() - begun);
    CompletableFuture.delayedExecutor(Math.max(0, left.toMillis()), TimeUnit.MILLISECONDS)
        .execute(() -> proxy.drain(grace).whenComplete((done, thrown) -> drained.complete(null)));
    try {
      long rest = deadline.toNanos() - (System.nanoTime() - begun);
      drained.get(Math.max(1, rest), TimeUnit.NANOSECONDS);
    } catch (ExecutionException | TimeoutException e) {
      log.warn("Open requests did not end in time and are cut");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    close();
    log.info("Stopped millis={}", TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun));
    ended.complete(0);
  }

  private void close() {
    loop.stop();
    notices.close();
    proxy.close();
    mesh.close();
    api.close();
    kubernetes.close();
    dataPlane.close();
    meters.close();
    vertx.close();
  }

  private CompletionStage<TokenVerdict> verify(String token) {
    return kubernetes
        .verify(token)
        .thenApply(
            verdict ->
                switch (verdict) {
                  case dev.lockstep.agent.kubernetes.TokenVerdict.Verified known ->
                      new TokenVerdict.Verified(known.pod());
                  case dev.lockstep.agent.kubernetes.TokenVerdict.Refused refused ->
                      new TokenVerdict.Refused(refused.reason());
                  case dev.lockstep.agent.kubernetes.TokenVerdict.Unavailable away ->
                      new TokenVerdict.Unavailable(away.reason());
                });
  }

  private static List<ConfigProblem> problems(Throwable thrown) {
    Throwable cause =
        thrown instanceof CompletionException && thrown.getCause() != null
            ? thrown.getCause()
            : thrown;
    if (cause instanceof ConfigRefused refused) {
      return refused.problems();
    }
    log.error("A config could not be installed", cause);
    return List.of(new ConfigProblem("data plane", cause.getClass().getSimpleName()));
  }

  private static Identity identity(AgentSettings settings, MeshIdentity mesh) {
    byte[] boot = new byte[8];
    new SecureRandom().nextBytes(boot);
    AgentSettings.Advertise at = settings.advertise();
    AgentSettings.Pod pod = settings.pod();
    return new Identity(
        new ReplicaId(pod.name(), HexFormat.of().formatHex(boot)),
        new PodId(pod.name(), pod.uid()),
        new Address(at.mesh(), mesh.spkiSha256(), at.http(), at.https(), at.api()),
        Build.version());
  }

  private static KubernetesSettings kubernetesSettings(AgentSettings settings, MeshToken token) {
    AgentSettings.Kubernetes kubernetes = settings.kubernetes();
    return new KubernetesSettings(
        kubernetes.kubeconfig(),
        kubernetes.leaseNamespace(),
        settings.pod().name(),
        token.serviceAccount(),
        kubernetes.lease(),
        kubernetes.podSelector(),
        kubernetes.ingressClass(),
        kubernetes.platformDomain());
  }

  private static SnapshotStore store(AgentSettings.State state) {
    return new SnapshotStore(
        state.directory(), state.keyFile().orElse(state.directory().resolve("state.key")));
  }

  private static ApiLimits limits(AgentSettings settings) {
    AgentSettings.Api api = settings.api();
    return new ApiLimits(
        api.maxWaiters(), api.maxSubscribers(), api.connectTimeout(), api.readTimeout());
  }
}
