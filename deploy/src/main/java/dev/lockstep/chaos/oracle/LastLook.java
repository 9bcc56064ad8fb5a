package dev.lockstep.chaos.oracle;

import dev.lockstep.local.kubelet.LocalReplica;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Asks every replica for every route once, when nothing changes any more. */
public final class LastLook {
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private LastLook() {}

  /** {@return what is served that is not what was written last} */
  public static List<String> lost(List<RouteHistory> routes, List<LocalReplica> replicas) {
    List<String> lost = new ArrayList<>();
    for (LocalReplica replica : replicas) {
      for (RouteHistory route : routes) {
        look(route, replica, replica.http()).ifPresent(lost::add);
        look(route, replica, replica.https()).ifPresent(lost::add);
      }
    }
    return lost;
  }

  private static Optional<String> look(RouteHistory route, LocalReplica replica, URI address) {
    Content newest = route.newest();
    if (address.getScheme().equals("https") && !Visitor.hasCertificate(route)) {
      return Optional.empty();
    }
    String seen;
    try (WebConnection connection = WebConnection.open(address, route.host(), PATIENCE)) {
      WebReply reply = connection.get(route.host(), Visitor.PATH);
      Optional<Content.Shape> shape = Visitor.shape(reply);
      if (shape.isPresent() && shape.get().equals(newest.shape())) {
        return Optional.empty();
      }
      seen = shape.map(Object::toString).orElse(reply.status() + " " + reply.body());
    } catch (IOException e) {
      if (Visitor.isAbsence(e) && newest.shape() instanceof Content.Absent) {
        return Optional.empty();
      }
      seen = e.toString();
    }
    return Optional.of(
        "%s: %s at %s of %s (expected: %s)"
            .formatted(route.host(), seen, address.getScheme(), replica.pod(), newest));
  }
}
