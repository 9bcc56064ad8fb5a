package dev.lockstep.agent.kubernetes.translate;

import dev.lockstep.agent.kubernetes.parse.Intent;
import dev.lockstep.agent.kubernetes.parse.Intent.HostIntent;
import dev.lockstep.agent.kubernetes.parse.Intent.Rank;
import dev.lockstep.agent.kubernetes.parse.Intent.RuleIntent;
import dev.lockstep.core.config.Certificate;
import dev.lockstep.core.config.ObjectKey;
import dev.lockstep.core.config.PathMatch;
import dev.lockstep.core.config.Route;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Who gets a host, and what for. A host belongs to one namespace: to the one that had it, as long
 * as that still asks for it; otherwise to that of the oldest object that asks. So an old object
 * that adds a host later cannot take it away. Within the namespace objects merge, and of two with
 * the same match the older one wins.
 *
 * @param owner the namespace
 * @param routes one for each object that got a rule
 * @param tls which certificate, for TLS clients that name the host
 * @param losses what objects did not get, for people
 */
record HostSettlement(
    String owner, List<Route> routes, Optional<Tls> tls, Map<ObjectKey, Loss> losses) {

  /** A certificate and the object that asked for it. */
  record Tls(Certificate.Id certificate, ObjectKey origin) {}

  /**
   * What an object did not get.
   *
   * @param extent how much that was
   * @param reasons one sentence each
   */
  record Loss(Extent extent, List<String> reasons) {}

  /** How much of a host an object did not get. */
  enum Extent {
    NOTHING_LEFT,
    SOMETHING_LEFT
  }

  /** One object's claim on the host. */
  record Claim(Intent intent, HostIntent wanted) {}

  /** {@return the settlement of a host for which somebody asks} */
  static HostSettlement settle(String host, Collection<Claim> claims, Optional<String> incumbent) {
    List<Claim> byAge =
        claims.stream().sorted((a, b) -> Intent.AGE.compare(a.intent(), b.intent())).toList();
    String owner =
        incumbent
            .filter(namespace -> byAge.stream().anyMatch(claim -> isOf(namespace, claim)))
            .orElseGet(() -> namespace(byAge.getFirst()));
    Settling settling = new Settling(host);
    List<Claim> winners = byAge.stream().filter(claim -> isOf(owner, claim)).toList();
    winners.forEach(claim -> settling.take(claim, Rank.WRITTEN));
    winners.forEach(claim -> settling.take(claim, Rank.IMPLIED));
    winners.forEach(settling::certify);
    byAge.stream().filter(claim -> !isOf(owner, claim)).forEach(c -> settling.lose(c, owner));
    return settling.result(owner, winners);
  }

  private static String namespace(Claim claim) {
    return claim.intent().origin().namespace();
  }

  private static boolean isOf(String namespace, Claim claim) {
    return namespace(claim).equals(namespace);
  }

  /** Collects what becomes of one host. Lives inside one call. */
  private static final class Settling {
    private final String host;
    private final Map<PathMatch, ObjectKey> taken = new LinkedHashMap<>();
    private final Map<ObjectKey, List<Route.Rule>> rules = new TreeMap<>();
    private final Map<ObjectKey, List<String>> reasons = new TreeMap<>();
    private Optional<Tls> tls = Optional.empty();

    Settling(String host) {
      this.host = host;
    }

    void take(Claim claim, Rank rank) {
      ObjectKey origin = claim.intent().origin();
      for (RuleIntent rule : claim.wanted().rules()) {
        if (rule.rank() != rank) {
          continue;
        }
        PathMatch match = rule.rule().match();
        ObjectKey winner = taken.putIfAbsent(match, origin);
        if (winner == null) {
          rules.computeIfAbsent(origin, key -> new ArrayList<>()).add(rule.rule());
        } else if (rank == Rank.WRITTEN) {
          note(origin, "path " + match.value() + " of host " + host + " is served by " + winner);
        }
      }
    }

    void certify(Claim claim) {
      Optional<Certificate.Id> wanted = claim.wanted().certificate();
      if (wanted.isEmpty()) {
        return;
      }
      if (tls.isEmpty()) {
        tls = Optional.of(new Tls(wanted.get(), claim.intent().origin()));
      } else if (!tls.get().certificate().equals(wanted.get())) {
        note(
            claim.intent().origin(),
            "the certificate of host " + host + " is that of " + tls.get().origin());
      }
    }

    void lose(Claim claim, String owner) {
      note(claim.intent().origin(), "host " + host + " belongs to namespace " + owner);
    }

    private void note(ObjectKey origin, String reason) {
      reasons.computeIfAbsent(origin, key -> new ArrayList<>()).add(reason);
    }

    HostSettlement result(String owner, List<Claim> winners) {
      List<Route> routes = new ArrayList<>();
      for (Claim claim : winners) {
        ObjectKey origin = claim.intent().origin();
        if (rules.containsKey(origin)) {
          routes.add(new Route(host, origin, rules.get(origin), claim.wanted().policy()));
        }
      }
      Map<ObjectKey, Loss> losses = new TreeMap<>();
      reasons.forEach((origin, why) -> losses.put(origin, new Loss(extent(origin), why)));
      return new HostSettlement(owner, routes, tls, losses);
    }

    private Extent extent(ObjectKey origin) {
      boolean certifies = tls.isPresent() && tls.get().origin().equals(origin);
      return rules.containsKey(origin) || certifies ? Extent.SOMETHING_LEFT : Extent.NOTHING_LEFT;
    }
  }
}
