package dev.lockstep.agent.kubernetes.translate;

import dev.lockstep.agent.kubernetes.parse.Intent;
import dev.lockstep.agent.kubernetes.parse.Intent.Birth;
import dev.lockstep.agent.kubernetes.parse.Intent.HostIntent;
import dev.lockstep.agent.kubernetes.parse.Intent.Rank;
import dev.lockstep.agent.kubernetes.parse.Intent.RuleIntent;
import dev.lockstep.core.config.Backend;
import dev.lockstep.core.config.Certificate;
import dev.lockstep.core.config.Entry;
import dev.lockstep.core.config.ObjectKey;
import dev.lockstep.core.config.OrderedMap;
import dev.lockstep.core.config.Route;
import dev.lockstep.core.config.RoutePolicy;
import dev.lockstep.core.config.RouterConfig;
import dev.lockstep.core.config.TlsBinding;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What objects asked for when the previous leader served them, as far as its config tells: the last
 * good form of an object that is bad when this leader sees it first. Confined to its owner's
 * thread.
 */
final class LastGood {
  private final Map<ObjectKey, Map<String, HostIntent>> hosts = new HashMap<>();

  LastGood(RouterConfig previous) {
    for (OrderedMap.Mapping<Entry> mapping : previous.entries()) {
      switch (mapping.value()) {
        case Route route -> put(route.origin(), intent(route));
        case TlsBinding tls -> certify(tls);
        case Backend backend -> {}
        case Certificate certificate -> {}
      }
    }
  }

  private static HostIntent intent(Route route) {
    List<RuleIntent> rules =
        route.rules().stream().map(rule -> new RuleIntent(rule, Rank.WRITTEN)).toList();
    return new HostIntent(route.host(), rules, route.policy(), Optional.empty());
  }

  private void put(ObjectKey origin, HostIntent intent) {
    hosts.computeIfAbsent(origin, key -> new HashMap<>()).put(intent.host(), intent);
  }

  /** Keys are in order and "route/" comes before "tls/", so the host's route is there already. */
  private void certify(TlsBinding tls) {
    HostIntent plain = new HostIntent(tls.host(), List.of(), RoutePolicy.OPEN, Optional.empty());
    HostIntent known = hosts.getOrDefault(tls.origin(), Map.of()).getOrDefault(tls.host(), plain);
    put(
        tls.origin(),
        new HostIntent(
            known.host(), known.rules(), known.policy(), Optional.of(tls.certificate())));
  }

  /** {@return what the object asked for, if it was served} */
  Optional<Intent> of(ObjectKey origin, Birth birth) {
    return Optional.ofNullable(hosts.get(origin))
        .map(known -> new Intent(origin, birth, new ArrayList<>(known.values()), List.of()));
  }

  /** Everything was settled once: from now on the last good form is known at first hand. */
  void forget() {
    hosts.clear();
  }
}
