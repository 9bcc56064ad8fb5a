package dev.lockstep.agent.kubernetes.translate;

import dev.lockstep.agent.kubernetes.parse.Intent;
import dev.lockstep.agent.kubernetes.parse.Intent.HostIntent;
import dev.lockstep.agent.kubernetes.parse.Intent.RuleIntent;
import dev.lockstep.agent.kubernetes.parse.Parsed;
import dev.lockstep.agent.kubernetes.parse.SourceKind;
import dev.lockstep.agent.kubernetes.translate.Standing.Concern;
import dev.lockstep.agent.kubernetes.translate.Translation.Complaint;
import dev.lockstep.core.config.ObjectKey;
import dev.lockstep.core.config.Route.Action;
import dev.lockstep.core.config.RouterConfig;
import dev.lockstep.core.protocol.Observation;
import dev.lockstep.core.protocol.Observation.State;
import dev.lockstep.core.protocol.Observation.Verdict;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Service;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Says what routing makes of each object, and tells it once. Objects that are none of our concern
 * are told of only if they were our concern before.
 *
 * <p>Confined to its owner's thread.
 */
final class Verdicts {
  private record Incarnation(String uid, long resourceVersion) {}

  private final Claims claims;
  private final Certificates certificates;
  private final Backends backends;
  private final Map<ObjectKey, Incarnation> present = new HashMap<>();
  private final Map<ObjectKey, Long> absent = new HashMap<>();
  private final Map<ObjectKey, Parsed> parsed = new HashMap<>();
  private final Map<ObjectKey, Observation> told = new HashMap<>();
  private final Set<ObjectKey> touched = new TreeSet<>();

  Verdicts(Claims claims, Certificates certificates, Backends backends) {
    this.claims = claims;
    this.certificates = certificates;
    this.backends = backends;
  }

  void present(ObjectKey key, ObjectMeta meta) {
    long resourceVersion = Long.parseLong(meta.getResourceVersion());
    present.put(key, new Incarnation(meta.getUid(), resourceVersion));
    absent.remove(key);
    touched.add(key);
  }

  void absent(ObjectKey key, long resourceVersion) {
    present.remove(key);
    parsed.remove(key);
    absent.put(key, resourceVersion);
    touched.add(key);
  }

  void parsed(ObjectKey key, Parsed outcome) {
    parsed.put(key, outcome);
    touched.add(key);
  }

  /** Something that the object depends on changed. */
  void touch(ObjectKey key) {
    touched.add(key);
  }

  /** {@return the observations that are new, with this config} */
  Translation report(RouterConfig config) {
    List<Observation> observations = new ArrayList<>();
    List<Complaint> complaints = new ArrayList<>();
    for (ObjectKey key : touched) {
      if (!SourceKind.of(key).filter(kind -> kind != SourceKind.INGRESS_CLASS).isPresent()) {
        continue;
      }
      Optional<Incarnation> incarnation = Optional.ofNullable(present.get(key));
      boolean news =
          incarnation.isPresent()
              ? tell(key, incarnation.get(), observations)
              : tellAbsence(key, observations);
      if (news && incarnation.isPresent()) {
        complaint(observations.getLast(), incarnation.get()).ifPresent(complaints::add);
      }
    }
    touched.clear();
    absent.clear();
    return new Translation(config, observations, complaints);
  }

  private boolean tell(ObjectKey key, Incarnation incarnation, List<Observation> observations) {
    Standing standing = standing(key);
    Observation now = observation(key, incarnation, standing);
    boolean ours = standing.concern() == Concern.OURS;
    Observation before = ours ? told.put(key, now) : told.remove(key);
    boolean news = ours ? !now.equals(before) : before != null;
    if (news) {
      observations.add(now);
    }
    return news;
  }

  private boolean tellAbsence(ObjectKey key, List<Observation> observations) {
    Long resourceVersion = absent.get(key);
    if (resourceVersion == null || told.remove(key) == null) {
      return false;
    }
    return observations.add(absence(key, resourceVersion));
  }

  /** {@return what the object is to us; absent as of this resourceVersion if it is not there} */
  Observation observation(ObjectKey key, long absentAt) {
    Incarnation incarnation = present.get(key);
    return incarnation == null
        ? absence(key, absentAt)
        : observation(key, incarnation, standing(key));
  }

  private static Observation observation(ObjectKey key, Incarnation of, Standing standing) {
    return new Observation(
        key, of.resourceVersion(), State.PRESENT, standing.verdict(), standing.reason());
  }

  private static Observation absence(ObjectKey key, long resourceVersion) {
    return new Observation(key, resourceVersion, State.ABSENT, Verdict.IGNORED, "");
  }

  private static Optional<Complaint> complaint(Observation about, Incarnation incarnation) {
    if (about.reason().isEmpty()) {
      return Optional.empty();
    }
    Translation.Kind kind =
        about.verdict() == Verdict.QUARANTINED
            ? Translation.Kind.QUARANTINED
            : Translation.Kind.NOT_SERVED;
    return Optional.of(
        new Complaint(
            about.object(), incarnation.uid(), about.resourceVersion(), kind, about.reason()));
  }

  private Standing standing(ObjectKey key) {
    return switch (SourceKind.of(key).orElse(SourceKind.INGRESS_CLASS)) {
      case INGRESS -> routed(key);
      case SERVICE -> {
        Standing own = routed(key);
        yield own.concern() == Concern.OURS ? own : dependency(key);
      }
      case ENDPOINT_SLICE -> dependency(key);
      case SECRET -> secret(key);
      case INGRESS_CLASS -> Standing.foreign("");
    };
  }

  private Standing routed(ObjectKey key) {
    return switch (parsed.getOrDefault(key, new Parsed.Foreign(""))) {
      case Parsed.Foreign foreign -> Standing.foreign(foreign.reason());
      case Parsed.Wanted wanted -> wanted(wanted.intent());
      case Parsed.Faulty faulty -> faulty(key, faulty);
    };
  }

  private Standing wanted(Intent intent) {
    List<String> reasons = new ArrayList<>(intent.notes());
    reasons.addAll(claims.losses(intent));
    intent.hosts().forEach(host -> addProblems(host, reasons));
    Verdict verdict = claims.lostEverything(intent) ? Verdict.IGNORED : Verdict.ROUTED;
    return Standing.of(verdict, reasons);
  }

  private void addProblems(HostIntent host, List<String> reasons) {
    host.certificate().ifPresent(id -> reasons.add(certificates.problem(id)));
    for (RuleIntent rule : host.rules()) {
      if (rule.rule().action() instanceof Action.Forward forward) {
        forward.shares().forEach(share -> reasons.add(backends.problem(share.backend())));
      }
    }
  }

  private Standing faulty(ObjectKey key, Parsed.Faulty faulty) {
    Optional<Intent> serving = claims.get(key);
    String instead =
        serving.isEmpty()
            ? "nothing of it is served"
            : serving.equals(faulty.fallback())
                ? "until it is mended nobody may come in"
                : "its last good form serves";
    return Standing.of(Verdict.QUARANTINED, List.of(faulty.reason(), instead));
  }

  private Standing dependency(ObjectKey key) {
    if (!backends.isUsed(key)) {
      return Standing.foreign("no route refers to it");
    }
    Optional<Service> service = backends.service(key);
    return service.filter(BackendResolver::isExternal).isPresent()
        ? Standing.of(Verdict.QUARANTINED, List.of("type ExternalName is not served"))
        : Standing.of(Verdict.ROUTED, List.of());
  }

  private Standing secret(ObjectKey key) {
    if (!certificates.isUsed(key)) {
      return authorities(key);
    }
    var id = Certificates.id(key);
    return certificates.isBad(id)
        ? Standing.of(Verdict.QUARANTINED, List.of(certificates.problem(id)))
        : Standing.of(Verdict.ROUTED, List.of());
  }

  private Standing authorities(ObjectKey secret) {
    if (backends.authorities().usersOf(secret).isEmpty()) {
      return Standing.foreign("no route refers to it");
    }
    String problem = backends.authorities().problem(secret);
    return problem.isEmpty()
        ? Standing.of(Verdict.ROUTED, List.of())
        : Standing.of(Verdict.QUARANTINED, List.of(problem));
  }
}
