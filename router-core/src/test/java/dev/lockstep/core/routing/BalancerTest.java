package dev.lockstep.core.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lockstep.core.config.Backend;
import dev.lockstep.core.config.Route;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class BalancerTest {
  private static final Backend.Id A = new Backend.Id("ns", "a", "80");
  private static final Backend.Id B = new Backend.Id("ns", "b", "80");
  private static final Backend.Id C = new Backend.Id("ns", "c", "80");

  private final Balancer balancer = new Balancer();

  @Test
  void sharesFollowTheirWeightsClosely() {
    RouteMatch.Step.Forward forward = forward(share(A, 7), share(B, 2), share(C, 1));
    Map<String, Integer> counts = count(forward, 1000);
    assertThat(counts.get("a")).isCloseTo(700, within(3));
    assertThat(counts.get("b")).isCloseTo(200, within(3));
    assertThat(counts.get("c")).isCloseTo(100, within(3));
  }

  @Test
  void twoRulesThatAlternateBothKeepTheirWeights() {
    RouteMatch.Step.Forward one = forward(share(A, 1), share(B, 1));
    RouteMatch.Step.Forward other = forward(share(C, 1), share(B, 1));
    int a = 0;
    for (int i = 0; i < 1000; i++) {
      a += balancer.share(one).backend().equals(A) ? 1 : 0;
      balancer.share(other);
    }
    assertThat(a).isCloseTo(500, within(3));
  }

  @Test
  void weightZeroGetsNothing() {
    assertThat(count(forward(share(A, 0), share(B, 1_000_000), share(C, 0)), 500))
        .containsExactly(Map.entry("b", 500));
    assertThatThrownBy(() -> balancer.share(forward(share(A, 0))))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private Map<String, Integer> count(RouteMatch.Step.Forward forward, int requests) {
    Map<String, Integer> counts = new TreeMap<>();
    for (int i = 0; i < requests; i++) {
      counts.merge(balancer.share(forward).backend().service(), 1, Integer::sum);
    }
    return counts;
  }

  private static Route.Action.Share share(Backend.Id backend, int weight) {
    return new Route.Action.Share(backend, weight);
  }

  private static RouteMatch.Step.Forward forward(Route.Action.Share... shares) {
    return (RouteMatch.Step.Forward) RouteMatch.compile(new Route.Action.Forward(List.of(shares)));
  }
}
