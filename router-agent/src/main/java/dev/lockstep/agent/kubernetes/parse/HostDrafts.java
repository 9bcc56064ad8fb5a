package dev.lockstep.agent.kubernetes.parse;

import dev.lockstep.agent.kubernetes.parse.Intent.HostIntent;
import dev.lockstep.agent.kubernetes.parse.Intent.Rank;
import dev.lockstep.agent.kubernetes.parse.Intent.RuleIntent;
import dev.lockstep.core.config.Certificate;
import dev.lockstep.core.config.PathMatch;
import dev.lockstep.core.config.Route;
import dev.lockstep.core.config.RoutePolicy;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Collects what one object says about its hosts. Not thread-safe; lives inside one call. */
final class HostDrafts {
  private static final class Draft {
    final Map<PathMatch, RuleIntent> rules = new LinkedHashMap<>();
    Optional<Certificate.Id> certificate = Optional.empty();
  }

  private final Map<String, Draft> drafts = new LinkedHashMap<>();

  /** {@return whether the host had no such match before} */
  boolean add(String host, Route.Rule rule, Rank rank) {
    return draft(host).rules.putIfAbsent(rule.match(), new RuleIntent(rule, rank)) == null;
  }

  /** Names the host, with or without rules. */
  void add(String host) {
    draft(host);
  }

  /** Gives the host a certificate, unless it has one. */
  void certify(String host, Certificate.Id certificate) {
    Draft draft = draft(host);
    draft.certificate = draft.certificate.or(() -> Optional.of(certificate));
  }

  List<String> hosts() {
    return List.copyOf(drafts.keySet());
  }

  List<HostIntent> build(RoutePolicy policy) {
    List<HostIntent> hosts = new ArrayList<>();
    drafts.forEach(
        (host, draft) ->
            hosts.add(
                new HostIntent(
                    host, List.copyOf(draft.rules.values()), policy, draft.certificate)));
    return hosts;
  }

  private Draft draft(String host) {
    return drafts.computeIfAbsent(host, name -> new Draft());
  }
}
