package dev.lockstep.agent.api;

import dev.lockstep.core.ReplicaView;
import dev.lockstep.core.config.Backend;
import dev.lockstep.core.config.ObjectKey;
import dev.lockstep.core.config.Route;
import dev.lockstep.core.config.RouterConfig;
import dev.lockstep.core.config.Version;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The configs that this replica served lately, to tell what a replica that is behind still serves.
 * Configs share their unchanged parts, so keeping one costs as much as its change. Confined to the
 * event loop.
 */
final class ConfigHistory {
  static final int KEPT = 256;

  private final TreeMap<Version, RouterConfig> configs = new TreeMap<>();

  /** Remembers what the view shows. */
  void remember(ReplicaView view) {
    configs.put(view.served(), view.config());
    if (configs.size() > KEPT) {
      configs.pollFirstEntry();
    }
  }

  /** {@return the Services of that version, {@code namespace/name}, in order; absent if unknown} */
  Optional<List<String>> services(Version version) {
    return Optional.ofNullable(configs.get(version)).map(ConfigHistory::services);
  }

  private static List<String> services(RouterConfig config) {
    SortedSet<String> services = new TreeSet<>();
    for (var mapping : config.entries()) {
      if (mapping.value() instanceof Route route) {
        collect(route, services);
      }
    }
    return List.copyOf(services);
  }

  private static void collect(Route route, SortedSet<String> services) {
    ObjectKey origin = route.origin();
    if (origin.group().isEmpty() && origin.kind().equals("Service")) {
      services.add(origin.namespace() + "/" + origin.name());
    }
    for (Route.Rule rule : route.rules()) {
      if (rule.action() instanceof Route.Action.Forward forward) {
        for (Route.Action.Share share : forward.shares()) {
          Backend.Id backend = share.backend();
          services.add(backend.namespace() + "/" + backend.service());
        }
      }
    }
  }
}
