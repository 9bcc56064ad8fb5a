package dev.lockstep.chaos.workload;

import dev.lockstep.chaos.oracle.Content;
import dev.lockstep.chaos.oracle.Content.Absent;
import dev.lockstep.chaos.oracle.Content.Present;
import dev.lockstep.chaos.oracle.RouteHistory;
import dev.lockstep.local.SampleObjects;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * A route, and the object that makes it and changes.
 *
 * @param kind of object
 * @param number among its kind
 * @param history what was written and promised
 */
record ChaosRoute(Kind kind, int number, RouteHistory history) {
  static final String SECRET = "wildcard";
  static final String WILDCARD = "*.chaos.example";

  /** What is written. */
  enum Kind {
    /** An Ingress that comes, leads to one backend after the other, and goes. */
    INGRESS('i', "networking.k8s.io", "Ingress"),
    /** A labelled Service that comes and goes. */
    SERVICE('s', "", "Service"),
    /** The endpoints behind an Ingress that stays. */
    ENDPOINTS('e', "discovery.k8s.io", "EndpointSlice");

    private final char letter;
    private final String group;
    private final String apiKind;

    Kind(char letter, String group, String apiKind) {
      this.letter = letter;
      this.group = group;
      this.apiKind = apiKind;
    }
  }

  static ChaosRoute of(Kind kind, int number) {
    String name = "route-" + kind.letter + number;
    Content.Shape before = kind == Kind.ENDPOINTS ? new Present(number) : new Absent();
    RouteHistory.Asked asked =
        new RouteHistory.Asked(name + ".chaos.example", kind != Kind.SERVICE);
    return new ChaosRoute(kind, number, new RouteHistory(name, asked, before));
  }

  String name() {
    return history.name();
  }

  /** {@return what a question about it says: group, kind, namespace and name} */
  String query() {
    return "group=%s&kind=%s&namespace=%s&name=%s"
        .formatted(kind.group, kind.apiKind, Workload.NAMESPACE, name());
  }

  /** {@return what it could be next, another than it is, with so many backends} */
  Content.Shape next(RandomGenerator random, int slots) {
    Content now = history.newest();
    boolean exists = now.shape() instanceof Present;
    return switch (kind) {
      case INGRESS ->
          exists && random.nextInt(3) == 0
              ? new Absent()
              : new Present((now.sequence() + 1) % slots);
      case SERVICE -> exists ? new Absent() : new Present(number);
      case ENDPOINTS -> new Present((now.sequence() + 1 + number) % slots);
    };
  }

  /** {@return the object that leads to a backend} */
  HasMetadata object(Slots.Backend backend) {
    return switch (kind) {
      case INGRESS -> ingress(backend.name());
      case SERVICE -> SampleObjects.routable(Workload.NAMESPACE, name(), history.host());
      case ENDPOINTS -> endpoints(name(), backend);
    };
  }

  /** {@return what has to be there beforehand} */
  List<HasMetadata> ground(Slots.Backend backend) {
    return switch (kind) {
      case INGRESS -> List.of();
      case SERVICE -> List.of(endpoints(name(), backend));
      case ENDPOINTS ->
          List.of(
              SampleObjects.service(Workload.NAMESPACE, name()),
              endpoints(name(), backend),
              ingress(name()));
    };
  }

  /** {@return the endpoint of a Service, written by hand} */
  static EndpointSlice endpoints(String service, Slots.Backend backend) {
    return SampleObjects.slice(Workload.NAMESPACE, service, service, backend.endpoint());
  }

  private HasMetadata ingress(String service) {
    return SampleObjects.withTls(
        SampleObjects.ingress(
            Workload.NAMESPACE, name(), history.host(), new SampleObjects.Path("/", service)),
        history.host(),
        SECRET);
  }
}
