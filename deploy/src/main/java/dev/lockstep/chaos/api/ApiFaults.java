package dev.lockstep.chaos.api;

import static dev.lockstep.chaos.fault.FaultKind.API_429;
import static dev.lockstep.chaos.fault.FaultKind.API_500;
import static dev.lockstep.chaos.fault.FaultKind.API_503;
import static dev.lockstep.chaos.fault.FaultKind.API_ANSWER_LOST;
import static dev.lockstep.chaos.fault.FaultKind.API_RESETS;
import static dev.lockstep.chaos.fault.FaultKind.API_SILENT;
import static dev.lockstep.chaos.fault.FaultKind.API_SLOW;
import static dev.lockstep.chaos.fault.FaultKind.WATCH_GONE;
import static dev.lockstep.chaos.fault.FaultKind.WATCH_STALLED;

import dev.lockstep.chaos.api.ApiRules.Harm;
import dev.lockstep.chaos.api.ApiRules.Rule;
import dev.lockstep.chaos.fault.FaultKind;
import dev.lockstep.chaos.fault.FaultSource;
import dev.lockstep.chaos.fault.Replicas;
import dev.lockstep.local.kubelet.LocalReplica;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;

/** Harms the way of one replica, mostly the leader, or of all to the API server. */
public final class ApiFaults implements FaultSource {
  private final ApiProxies proxies;
  private final Replicas replicas;

  /** Harms what goes through these proxies. */
  public ApiFaults(ApiProxies proxies, Replicas replicas) {
    this.proxies = proxies;
    this.replicas = replicas;
  }

  @Override
  public Set<FaultKind> kinds() {
    return Set.of(
        API_429,
        API_500,
        API_503,
        API_SLOW,
        API_RESETS,
        API_SILENT,
        API_ANSWER_LOST,
        WATCH_STALLED,
        WATCH_GONE);
  }

  @Override
  public Optional<Fault> begin(Order order) {
    List<String> pods = choose(order.random());
    List<ApiProxy> hit = pods.stream().flatMap(it -> proxies.of(it).stream()).toList();
    if (hit.isEmpty()) {
      return Optional.empty();
    }
    Rule rule = new Rule(harm(order.kind()), order.random().nextBoolean() ? 1.0 : 0.5);
    hit.forEach(it -> it.rules().set(rule));
    if (rule.harm() == Harm.RESET) {
      hit.forEach(it -> it.connections().forEach(ApiConnection::reset));
    }
    if (rule.harm() == Harm.WATCH_GONE) {
      // So that they begin anew, and are told.
      hit.forEach(
          it ->
              it.connections().stream()
                  .filter(ApiConnection::watching)
                  .forEach(ApiConnection::close));
    }
    return Optional.of(
        new Fault(
            "%s, %.0f %%".formatted(pods, rule.share() * 100),
            () -> hit.forEach(it -> it.rules().clear(rule))));
  }

  private static Harm harm(FaultKind kind) {
    return switch (kind) {
      case API_429 -> Harm.TOO_MANY;
      case API_500 -> Harm.BROKEN;
      case API_503 -> Harm.UNAVAILABLE;
      case API_SLOW -> Harm.SLOW;
      case API_RESETS -> Harm.RESET;
      case API_SILENT -> Harm.SILENT;
      case API_ANSWER_LOST -> Harm.ANSWER_LOST;
      case WATCH_STALLED -> Harm.WATCH_STALLED;
      case WATCH_GONE -> Harm.WATCH_GONE;
      default -> throw new IllegalArgumentException(kind + " (expected: one of the API server)");
    };
  }

  private List<String> choose(RandomGenerator random) {
    if (random.nextInt(4) == 0) {
      return replicas.all().stream().map(LocalReplica::pod).toList();
    }
    return replicas.mostlyLeader(random).map(LocalReplica::pod).stream().toList();
  }
}
