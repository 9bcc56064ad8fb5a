package dev.lockstep.agent.api;

import dev.lockstep.core.config.ObjectKey;
import dev.lockstep.core.config.Version;
import dev.lockstep.core.protocol.Observation;
import dev.lockstep.core.protocol.Question;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The questions that the API is there for: is it live, or gone, on every replica? */
final class BarrierCalls {
  /** Kinds that are known without their group, by their lower-case names. */
  private static final Map<String, ObjectKey> KINDS =
      Map.of(
          "ingress", new ObjectKey("networking.k8s.io", "Ingress", "", ""),
          "service", new ObjectKey("", "Service", "", ""),
          "endpointslice", new ObjectKey("discovery.k8s.io", "EndpointSlice", "", ""),
          "secret", new ObjectKey("", "Secret", "", ""));

  private final Waiters waiters;

  BarrierCalls(Waiters waiters) {
    this.waiters = waiters;
  }

  List<Endpoint> endpoints() {
    return List.of(
        new Endpoint(
            "/v1/barriers/:version",
            Set.of("timeout", "minReplicas"),
            Endpoint.Scope.LEADER,
            this::byVersion),
        new Endpoint(
            "/v1/barriers",
            Set.of(
                "group",
                "kind",
                "namespace",
                "name",
                "resourceVersion",
                "state",
                "timeout",
                "minReplicas"),
            Endpoint.Scope.LEADER,
            this::byObject));
  }

  private Endpoint.Call byVersion(Parameters parameters) {
    return call(
        parameters, new Question.AtVersion(new Version(parameters.number("version", 1, 1))));
  }

  private Endpoint.Call byObject(Parameters parameters) {
    ObjectKey object = object(parameters);
    long resourceVersion = parameters.number("resourceVersion", 0, 1);
    Observation.State state =
        parameters.value(
            "state", Observation.State.PRESENT, "present or absent", BarrierCalls::state);
    Optional<Long> known = resourceVersion == 0 ? Optional.empty() : Optional.of(resourceVersion);
    return call(parameters, new Question.AtObject(object, known, state));
  }

  private Endpoint.Call call(Parameters parameters, Question.About about) {
    int minReplicas = Math.toIntExact(Math.min(parameters.number("minReplicas", 0, 0), 1_000_000));
    Waiters.Wait wait = new Waiters.Wait(about, parameters.timeout(), minReplicas);
    return new Endpoint.Call(
        wait.timeout(),
        context -> waiters.ask(context, wait, answer -> Answers.send(context, answer)));
  }

  private static ObjectKey object(Parameters parameters) {
    String kind = parameters.required("kind", "a kind like Ingress");
    String namespace = name(parameters, "namespace");
    String name = name(parameters, "name");
    Optional<String> group = parameters.text("group");
    ObjectKey known = KINDS.get(kind.toLowerCase(java.util.Locale.ROOT));
    if (known != null && group.orElse(known.group()).equals(known.group())) {
      return new ObjectKey(known.group(), known.kind(), namespace, name);
    }
    if (group.isEmpty() && !kind.isEmpty()) {
      parameters.complain("group", "nothing", "the API group, for this kind");
    }
    return new ObjectKey(group.orElse(""), kind, namespace, name);
  }

  private static String name(Parameters parameters, String field) {
    String name = parameters.required(field, "the object's " + field);
    if (name.length() > 253 || name.indexOf('/') >= 0) {
      parameters.complain(field, name, "at most 253 characters, without a slash");
    }
    return name;
  }

  private static Optional<Observation.State> state(String text) {
    return switch (text) {
      case "present" -> Optional.of(Observation.State.PRESENT);
      case "absent" -> Optional.of(Observation.State.ABSENT);
      default -> Optional.empty();
    };
  }
}
