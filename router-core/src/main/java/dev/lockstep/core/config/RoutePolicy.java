package dev.lockstep.core.config;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What holds for every request of a route.
 *
 * @param allowedSources client addresses that may come in; absent means everyone, an empty list
 *     means nobody
 * @param connectTimeout until a backend connection stands; positive
 * @param idleTimeout between two bytes from or to a backend; positive
 * @param scheme whether plain HTTP is answered with a redirect
 */
public record RoutePolicy(
    Optional<List<Cidr>> allowedSources,
    Duration connectTimeout,
    Duration idleTimeout,
    Scheme scheme) {

  /** Which scheme a route serves. */
  public enum Scheme {
    /** Plain HTTP is served as it is. */
    HTTP_AND_HTTPS,
    /** Plain HTTP is answered with a permanent redirect to HTTPS. */
    HTTPS_ONLY
  }

  /** Everyone may come in, the published defaults hold. */
  public static final RoutePolicy OPEN =
      new RoutePolicy(
          Optional.empty(),
          Duration.ofSeconds(30),
          Duration.ofSeconds(1300),
          Scheme.HTTP_AND_HTTPS);

  public RoutePolicy {
    allowedSources = allowedSources.map(List::copyOf);
    if (!connectTimeout.isPositive() || !idleTimeout.isPositive()) {
      throw new IllegalArgumentException(
          "timeouts: " + connectTimeout + ", " + idleTimeout + " (expected: positive)");
    }
  }

  void writeTo(CanonicalText text) {
    text.field(allowedSources.isPresent() ? "only" : "all");
    text.list(allowedSources.orElse(List.of()).stream().map(Cidr::text).toList());
    text.field(connectTimeout.toMillis()).field(idleTimeout.toMillis()).field(scheme.name());
  }
}
