package dev.lockstep.agent.kubernetes.translate;

import dev.lockstep.agent.kubernetes.parse.Intent;
import dev.lockstep.agent.kubernetes.parse.Intent.HostIntent;
import dev.lockstep.agent.kubernetes.translate.HostSettlement.Claim;
import dev.lockstep.core.config.Entry;
import dev.lockstep.core.config.ObjectKey;
import dev.lockstep.core.config.OrderedMap;
import dev.lockstep.core.config.Route;
import dev.lockstep.core.config.RouterConfig;
import dev.lockstep.core.config.TlsBinding;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What all objects ask for, by host, and how it was settled. A change of one object settles anew
 * only the hosts that it asked or asks for.
 *
 * <p>Confined to its owner's thread.
 */
final class Claims {
  private final Map<ObjectKey, Intent> intents = new HashMap<>();
  private final Map<String, Map<ObjectKey, Claim>> byHost = new HashMap<>();
  private final Map<String, HostSettlement> settlements = new HashMap<>();
  private final Set<String> dirty = new TreeSet<>();

  /** Who had a host before this leadership; of use until everything was settled once. */
  private final Map<String, String> incumbents = new HashMap<>();

  /**
   * @param previous what was served before: it says who has which host
   */
  Claims(RouterConfig previous) {
    for (OrderedMap.Mapping<Entry> mapping : previous.entries()) {
      switch (mapping.value()) {
        case Route route -> incumbents.put(route.host(), route.origin().namespace());
        case TlsBinding tls -> incumbents.putIfAbsent(tls.host(), tls.origin().namespace());
        case dev.lockstep.core.config.Backend backend -> {}
        case dev.lockstep.core.config.Certificate certificate -> {}
      }
    }
  }

  /**
   * A host that was settled anew.
   *
   * @param before how it was settled, if somebody had asked for it
   * @param after how it is settled, if somebody asks for it
   */
  record Change(Optional<HostSettlement> before, Optional<HostSettlement> after) {

    /** {@return the objects that have something to do with either} */
    Set<ObjectKey> origins() {
      Set<ObjectKey> origins = new TreeSet<>();
      for (Optional<HostSettlement> side : List.of(before, after)) {
        side.ifPresent(settlement -> collect(settlement, origins));
      }
      return origins;
    }

    private static void collect(HostSettlement settlement, Set<ObjectKey> origins) {
      settlement.routes().forEach(route -> origins.add(route.origin()));
      settlement.tls().ifPresent(tls -> origins.add(tls.origin()));
      origins.addAll(settlement.losses().keySet());
    }
  }

  Optional<Intent> get(ObjectKey origin) {
    return Optional.ofNullable(intents.get(origin));
  }

  /** The object asks for this from now on. */
  void put(Intent intent) {
    remove(intent.origin());
    intents.put(intent.origin(), intent);
    for (HostIntent host : intent.hosts()) {
      byHost
          .computeIfAbsent(host.host(), name -> new TreeMap<>())
          .put(intent.origin(), new Claim(intent, host));
      dirty.add(host.host());
    }
  }

  /** The object asks for nothing from now on. */
  void remove(ObjectKey origin) {
    Intent old = intents.remove(origin);
    if (old == null) {
      return;
    }
    for (HostIntent host : old.hosts()) {
      byHost.getOrDefault(host.host(), new TreeMap<>()).remove(origin);
      dirty.add(host.host());
    }
  }

  /** {@return the hosts that changes touched, settled anew} */
  Map<String, Change> settle() {
    Map<String, Change> changes = new TreeMap<>();
    for (String host : dirty) {
      changes.put(host, settle(host));
    }
    dirty.clear();
    incumbents.clear();
    return changes;
  }

  private Change settle(String host) {
    Optional<HostSettlement> before = Optional.ofNullable(settlements.get(host));
    Map<ObjectKey, Claim> claims = byHost.getOrDefault(host, Map.of());
    if (claims.isEmpty()) {
      byHost.remove(host);
      settlements.remove(host);
      return new Change(before, Optional.empty());
    }
    Optional<String> incumbent =
        before.map(HostSettlement::owner).or(() -> Optional.ofNullable(incumbents.get(host)));
    HostSettlement after = HostSettlement.settle(host, claims.values(), incumbent);
    settlements.put(host, after);
    return new Change(before, Optional.of(after));
  }

  /** {@return how the host was settled last, if somebody asks for it} */
  Optional<HostSettlement> settlement(String host) {
    return Optional.ofNullable(settlements.get(host));
  }

  /** {@return what of its wishes the object did not get, for people} */
  List<String> losses(Intent intent) {
    List<String> reasons = new ArrayList<>();
    for (HostIntent host : intent.hosts()) {
      loss(intent, host).ifPresent(loss -> reasons.addAll(loss.reasons()));
    }
    return reasons;
  }

  /** {@return whether the object asks for hosts and got nothing of any} */
  boolean lostEverything(Intent intent) {
    return intent.hosts().stream()
        .allMatch(
            host ->
                loss(intent, host)
                    .filter(loss -> loss.extent() == HostSettlement.Extent.NOTHING_LEFT)
                    .isPresent());
  }

  private Optional<HostSettlement.Loss> loss(Intent intent, HostIntent host) {
    return settlement(host.host()).map(settlement -> settlement.losses().get(intent.origin()));
  }
}
