package dev.lockstep.agent.kubernetes.source;

import dev.lockstep.agent.kubernetes.parse.SourceKind;
import dev.lockstep.agent.kubernetes.translate.Translation;
import dev.lockstep.agent.kubernetes.translate.TranslationSettings;
import dev.lockstep.agent.kubernetes.translate.Translator;
import dev.lockstep.core.config.Epoch;
import dev.lockstep.core.config.ObjectKey;
import dev.lockstep.core.config.RouterConfig;
import dev.lockstep.core.protocol.Event;
import dev.lockstep.core.protocol.Observation;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Secret;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * The sources of one leadership: what is known of each object, and what follows from it. It says
 * nothing before every kind was listed.
 *
 * <p>Confined to the thread of {@link Sources}.
 */
final class SourceRun {
  /** Large, of no use here, and kept for thousands of objects if nobody takes it out. */
  private static final String LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

  private final Epoch epoch;
  private final Translator translator;
  private final Map<SourceKind, Fold<ObjectKey, HasMetadata>> folds =
      new EnumMap<>(SourceKind.class);
  private final Set<SourceKind> unlisted = EnumSet.allOf(SourceKind.class);
  private RouterConfig told;
  private boolean toldOnce;
  private boolean changed;

  SourceRun(Epoch epoch, RouterConfig previous, TranslationSettings settings) {
    this.epoch = epoch;
    this.translator = new Translator(settings, previous);
    this.told = previous;
    for (SourceKind kind : SourceKind.values()) {
      folds.put(kind, new Fold<>());
    }
  }

  /** {@return whether every kind was listed} */
  boolean isComplete() {
    return unlisted.isEmpty();
  }

  void onChange(SourceKind kind, SourceChange<? extends HasMetadata> change) {
    switch (change) {
      case SourceChange.Listed<? extends HasMetadata> listed -> onListed(kind, listed);
      case SourceChange.Seen<? extends HasMetadata> seen -> onSeen(kind, seen.object());
      case SourceChange.Deleted<? extends HasMetadata> deleted ->
          onMissing(kind, kind.key(deleted.object()), ResourceVersions.of(deleted.object()));
      case SourceChange.Failed<? extends HasMetadata> failed -> {
        // Nothing is known that was not known before; the reflector has logged it.
      }
    }
  }

  private void onListed(SourceKind kind, SourceChange.Listed<? extends HasMetadata> listed) {
    Map<ObjectKey, Fold.Present<HasMetadata>> items = new TreeMap<>();
    for (HasMetadata object : listed.items()) {
      items.put(kind.key(object), present(object));
    }
    Fold<ObjectKey, HasMetadata> fold = fold(kind);
    for (ObjectKey key : fold.listed(items, listed.resourceVersion())) {
      translate(fold, key);
    }
    unlisted.remove(kind);
  }

  private void onSeen(SourceKind kind, HasMetadata object) {
    ObjectKey key = kind.key(object);
    if (fold(kind).seen(key, present(object))) {
      translate(fold(kind), key);
    }
  }

  private void onMissing(SourceKind kind, ObjectKey key, long resourceVersion) {
    if (fold(kind).missing(key, resourceVersion)) {
      translate(fold(kind), key);
    }
  }

  private void translate(Fold<ObjectKey, HasMetadata> fold, ObjectKey key) {
    changed = true;
    fold.get(key)
        .ifPresentOrElse(
            there -> translator.put(key, there.object()),
            () -> translator.remove(key, fold.absence(key).orElse(0L)));
  }

  private Fold<ObjectKey, HasMetadata> fold(SourceKind kind) {
    return folds.computeIfAbsent(kind, k -> new Fold<>());
  }

  private static Fold.Present<HasMetadata> present(HasMetadata object) {
    ObjectMeta meta = object.getMetadata();
    meta.setManagedFields(null);
    if (meta.getAnnotations() != null) {
      meta.getAnnotations().remove(LAST_APPLIED);
    }
    return new Fold.Present<>(meta.getUid(), ResourceVersions.of(object), object);
  }

  /**
   * Takes what a quorum read of one object showed. {@return the observation to answer with}, once
   * {@link #news} was told.
   */
  Observed onRead(Reading reading) {
    SourceKind kind = reading.kind();
    ObjectKey key = reading.key();
    long resourceVersion = reading.resourceVersion();
    Optional<? extends HasMetadata> found = reading.object();
    if (found.isPresent() && !isSource(found.get())) {
      onMissing(kind, key, resourceVersion);
      return new Observed.Foreign(ignored(key, found.get()));
    }
    found.ifPresentOrElse(
        object -> onSeen(kind, object), () -> onMissing(kind, key, resourceVersion));
    return new Observed.Known(key, fold(kind).absence(key).orElse(resourceVersion));
  }

  /** What a read showed, before translation had its say. */
  sealed interface Observed {

    /** Translation knows; it is absent as of this resourceVersion if it is. */
    record Known(ObjectKey key, long absentAt) implements Observed {}

    /** It exists, and translation never gets to see its like. */
    record Foreign(Observation observation) implements Observed {}
  }

  Observation observation(Observed observed) {
    return switch (observed) {
      case Observed.Known known -> translator.observation(known.key(), known.absentAt());
      case Observed.Foreign foreign -> foreign.observation();
    };
  }

  private static boolean isSource(HasMetadata object) {
    return !(object instanceof Secret secret) || SourceClient.TLS_SECRET.equals(secret.getType());
  }

  private static Observation ignored(ObjectKey key, HasMetadata object) {
    return new Observation(
        key,
        ResourceVersions.of(object),
        Observation.State.PRESENT,
        Observation.Verdict.IGNORED,
        "its type is not " + SourceClient.TLS_SECRET);
  }

  /** {@return what there is to tell, if there is something and everything was listed} */
  Optional<News> news() {
    if (!isComplete() || (toldOnce && !changed)) {
      return Optional.empty();
    }
    changed = false;
    Translation translation = translator.settle();
    boolean first = !toldOnce;
    toldOnce = true;
    // By identity: translation keeps the config's identity when it keeps its content.
    boolean same = translation.config().entries() == told.entries();
    told = translation.config();
    if (!first && same && translation.observations().isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new News(
            new Event.SourcesObserved(epoch, translation.config(), translation.observations()),
            translation));
  }

  /** An event, and the translation that it comes from. */
  record News(Event.SourcesObserved event, Translation translation) {}
}
