package dev.lockstep.agent.kubernetes;

import dev.lockstep.agent.kubernetes.source.Calls;
import dev.lockstep.agent.kubernetes.source.Fold;
import dev.lockstep.agent.kubernetes.source.Reflector;
import dev.lockstep.agent.kubernetes.source.ResourceVersions;
import dev.lockstep.agent.kubernetes.source.SourceChange;
import dev.lockstep.core.config.Epoch;
import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.Event;
import dev.lockstep.core.protocol.Pod;
import dev.lockstep.core.protocol.PodId;
import io.fabric8.kubernetes.api.model.PodList;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.FilterWatchListDeletable;
import io.fabric8.kubernetes.client.dsl.PodResource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The pods of the mesh: follows them on the leader, reads and writes single ones on any replica.
 *
 * <p>A write is one strategic merge patch of the pod's status that carries uid and resourceVersion,
 * so it lands on exactly the pod that its writer saw, or not at all. While pods are followed, what
 * reads, writes and the watch show is folded, so that nothing older is told after something newer.
 *
 * <p>Its state is confined to one thread of its own; calls run elsewhere.
 */
final class PodRegister implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(PodRegister.class);
  private static final Duration GRACE = Duration.ofMillis(500);
  private static final PatchContext MERGE = PatchContext.of(PatchType.STRATEGIC_MERGE);

  /** What is followed since one FollowPods. */
  private static final class Following {
    final Epoch epoch;
    final Fold<String, Pod> pods = new Fold<>();
    boolean listed;

    Following(Epoch epoch) {
      this.epoch = epoch;
    }
  }

  private final KubernetesClient client;
  private final KubernetesSettings settings;
  private final Consumer<Event> events;
  private final InstantSource clock;
  private final Calls calls;
  private final ExecutorService owner =
      Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name("pods").factory());
  private @Nullable Following following;
  private @Nullable Reflector<io.fabric8.kubernetes.api.model.Pod, PodList> reflector;

  PodRegister(
      KubernetesClient client,
      KubernetesSettings settings,
      Consumer<Event> events,
      InstantSource clock) {
    this.client = client;
    this.settings = settings;
    this.events = events;
    this.clock = clock;
    this.calls = new Calls(Clients.GENERAL_TIMEOUT.plus(GRACE), events);
  }

  void execute(Effect.FollowPods effect) {
    owner.execute(() -> follow(effect.epoch()));
  }

  void execute(Effect.UnfollowPods effect) {
    owner.execute(this::unfollow);
  }

  void execute(Effect.ReadPod effect) {
    PodId id = effect.pod();
    calls
        .start(() -> read(id))
        .whenCompleteAsync(
            (reading, thrown) -> {
              if (thrown == null) {
                onRead(id, reading);
              } else {
                events.accept(new Event.PodReadFailed(id, Calls.reason(thrown)));
              }
            },
            owner);
  }

  void execute(Effect.WritePod effect) {
    PodId id = effect.base().id();
    calls
        .start(() -> write(effect))
        .whenCompleteAsync(
            (pod, thrown) -> {
              if (thrown == null) {
                written(pod);
              } else if (Calls.status(thrown) == HttpURLConnection.HTTP_NOT_FOUND) {
                events.accept(new Event.PodGone(id));
              } else {
                events.accept(new Event.PodWriteUnresolved(id, Calls.reason(thrown)));
              }
            },
            owner);
  }

  void execute(Effect.EvictPod effect) {
    PodId id = effect.pod();
    var logged = log.atInfo().addKeyValue("pod", id).addKeyValue("reason", effect.reason());
    calls
        .start(() -> pod(id.name()).evict(Evictions.of(settings.namespace(), id)))
        .whenComplete(
            (evicted, thrown) -> {
              String outcome = thrown != null ? Calls.reason(thrown) : evicted ? "done" : "refused";
              logged.addKeyValue("outcome", outcome).log("Eviction asked for");
            });
  }

  @Override
  public void close() {
    owner.execute(this::unfollow);
    owner.shutdown();
  }

  private void follow(Epoch epoch) {
    unfollow();
    Following started = new Following(epoch);
    following = started;
    reflector =
        new Reflector<>("pods", mesh(), change -> owner.execute(() -> onChange(started, change)));
  }

  private void unfollow() {
    following = null;
    var running = reflector;
    if (running != null) {
      running.close();
      reflector = null;
    }
  }

  private void onChange(
      Following source, SourceChange<io.fabric8.kubernetes.api.model.Pod> change) {
    if (source != following) {
      return;
    }
    switch (change) {
      case SourceChange.Listed<io.fabric8.kubernetes.api.model.Pod> listed ->
          onListed(source, listed);
      case SourceChange.Seen<io.fabric8.kubernetes.api.model.Pod> seen ->
          fold(source, PodCodec.decode(seen.object()));
      case SourceChange.Deleted<io.fabric8.kubernetes.api.model.Pod> deleted ->
          missing(
              source,
              deleted.object().getMetadata().getName(),
              ResourceVersions.of(deleted.object()));
      case SourceChange.Failed<io.fabric8.kubernetes.api.model.Pod> failed -> {
        if (!source.listed) {
          events.accept(new Event.PodsListFailed(source.epoch, failed.reason()));
        }
      }
    }
  }

  private void onListed(
      Following source, SourceChange.Listed<io.fabric8.kubernetes.api.model.Pod> listed) {
    Map<String, Pod> found = new LinkedHashMap<>();
    for (var item : listed.items()) {
      found.put(item.getMetadata().getName(), PodCodec.decode(item));
    }
    if (source.listed) {
      List<String> known =
          source.pods.values().stream().map(present -> present.object().id().name()).toList();
      known.stream()
          .filter(name -> !found.containsKey(name))
          .forEach(name -> missing(source, name, listed.resourceVersion()));
      found.values().forEach(pod -> fold(source, pod));
      return;
    }
    source.listed = true;
    found.forEach((name, pod) -> source.pods.seen(name, present(pod)));
    events.accept(new Event.PodsListed(source.epoch, List.copyOf(found.values())));
  }

  /** Tells the pod if it is news; and that its former incarnation is gone, if it had one. */
  private void fold(Following source, Pod pod) {
    String name = pod.id().name();
    Optional<Fold.Present<Pod>> before = source.pods.get(name);
    if (!source.pods.seen(name, present(pod))) {
      return;
    }
    before
        .map(present -> present.object().id())
        .filter(id -> !id.equals(pod.id()))
        .ifPresent(id -> events.accept(new Event.PodGone(id)));
    events.accept(new Event.PodSeen(pod));
  }

  private void missing(Following source, String name, long resourceVersion) {
    Optional<Fold.Present<Pod>> before = source.pods.get(name);
    if (source.pods.missing(name, resourceVersion)) {
      before.ifPresent(present -> events.accept(new Event.PodGone(present.object().id())));
    }
  }

  private static Fold.Present<Pod> present(Pod pod) {
    return new Fold.Present<>(pod.id().uid(), pod.resourceVersion(), pod);
  }

  private void onRead(PodId id, Reading reading) {
    Optional<Pod> found = reading.pod();
    Following source = following;
    if (source != null) {
      found.ifPresentOrElse(
          pod -> source.pods.seen(pod.id().name(), present(pod)),
          () -> source.pods.missing(id.name(), reading.resourceVersion()));
    }
    Optional<Pod> newest =
        source == null
            ? found
            : source.pods.get(id.name()).map(Fold.Present::object).or(() -> found);
    if (newest.filter(pod -> pod.id().equals(id)).isEmpty()) {
      events.accept(new Event.PodGone(id));
    }
    newest.ifPresent(pod -> events.accept(new Event.PodSeen(pod)));
  }

  private void written(Pod pod) {
    if (following != null) {
      following.pods.seen(pod.id().name(), present(pod));
    }
    events.accept(new Event.PodWritten(pod));
  }

  private Pod write(Effect.WritePod effect) {
    return PodCodec.decode(
        pod(effect.base().id().name())
            .subresource("status")
            .patch(MERGE, PodCodec.patch(effect, clock.instant())));
  }

  /** Who has the name of a pod, as of a resourceVersion. */
  private record Reading(Optional<Pod> pod, long resourceVersion) {}

  /** A list of one pod: unlike a read, it says as of when the pod does not exist. */
  private Reading read(PodId id) {
    PodList list =
        client
            .pods()
            .inNamespace(settings.namespace())
            .withField("metadata.name", id.name())
            .list();
    return new Reading(
        list.getItems().stream().map(PodCodec::decode).findFirst(),
        ResourceVersions.ofComplete(list.getMetadata()));
  }

  private FilterWatchListDeletable<io.fabric8.kubernetes.api.model.Pod, PodList, PodResource>
      mesh() {
    return client
        .pods()
        .inNamespace(settings.namespace())
        .withLabelSelector(settings.podSelector());
  }

  private PodResource pod(String name) {
    return client.pods().inNamespace(settings.namespace()).withName(name);
  }
}
