package dev.lockstep.agent.kubernetes;

import dev.lockstep.agent.kubernetes.source.Sources;
import dev.lockstep.agent.kubernetes.translate.TranslationSettings;
import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.Event;
import java.time.InstantSource;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * Everything that a replica wants of the Kubernetes API. No method waits: outcomes come as events,
 * in the order in which things were learned, from threads of its own.
 *
 * <p>Until a leader's effects come it sends nothing by itself. Thread-safe.
 */
public final class KubernetesShell implements AutoCloseable {
  private final Clients clients;
  private final LeaseStore lease;
  private final PodRegister pods;
  private final Sources sources;
  private final ObjectEvents objectEvents;
  private final TokenReviews tokens;

  /**
   * Connects to nothing yet.
   *
   * @param settings where the API server is, and what there is ours
   * @param events hears outcomes; must be thread-safe and must not block
   */
  public KubernetesShell(KubernetesSettings settings, Consumer<Event> events) {
    InstantSource clock = InstantSource.system();
    this.clients = Clients.connect(settings);
    this.lease = new LeaseStore(clients.lease(), settings, events, clock);
    this.pods = new PodRegister(clients.general(), settings, events, clock);
    this.objectEvents = new ObjectEvents(clients.general(), settings, clock);
    TranslationSettings ours =
        new TranslationSettings(settings.ingressClass(), settings.platformDomain());
    this.sources = new Sources(clients.general(), ours, events, objectEvents::tell);
    this.tokens = new TokenReviews(clients.general(), settings, System::nanoTime);
  }

  /** Reads the Lease. Outcome: LeaseRead, LeaseMissing or LeaseReadFailed. */
  public void execute(Effect.ReadLease effect) {
    lease.execute(effect);
  }

  /** Makes the Lease if it is missing. Outcome: LeaseRead, LeaseMissing or LeaseReadFailed. */
  public void execute(Effect.CreateLease effect) {
    lease.execute(effect);
  }

  /** Replaces the Lease. Outcome: LeaseWritten or LeaseWriteUnresolved. */
  public void execute(Effect.WriteLease effect) {
    lease.execute(effect);
  }

  /** Lists and watches the pods of the mesh. */
  public void execute(Effect.FollowPods effect) {
    pods.execute(effect);
  }

  /** Stops watching pods. */
  public void execute(Effect.UnfollowPods effect) {
    pods.execute(effect);
  }

  /** Reads a pod. Outcome: PodSeen (of whoever has the name now), PodGone or PodReadFailed. */
  public void execute(Effect.ReadPod effect) {
    pods.execute(effect);
  }

  /** Writes a pod's condition. Outcome: PodWritten, PodGone or PodWriteUnresolved. */
  public void execute(Effect.WritePod effect) {
    pods.execute(effect);
  }

  /** Asks for an eviction, once. */
  public void execute(Effect.EvictPod effect) {
    pods.execute(effect);
  }

  /** Reads all sources anew, then watches them. */
  public void execute(Effect.StartSources effect) {
    sources.start(effect.epoch(), effect.previous());
  }

  /** Forgets all sources. */
  public void execute(Effect.StopSources effect) {
    sources.stop();
    objectEvents.forget();
  }

  /** Reads one object. Outcome: ObjectObserved or ObjectReadFailed. */
  public void execute(Effect.ReadObject effect) {
    sources.read(effect.question(), effect.object());
  }

  /** {@return which pod a token proves its bearer to be; it always comes, never exceptionally} */
  public CompletionStage<TokenVerdict> verify(String token) {
    return tokens.verify(token);
  }

  /** Stops everything. Outcomes of what is under way may still come. */
  @Override
  public void close() {
    sources.close();
    pods.close();
    objectEvents.close();
    clients.close();
  }
}
