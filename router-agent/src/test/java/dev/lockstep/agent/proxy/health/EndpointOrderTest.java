package dev.lockstep.agent.proxy.health;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.config.Backend;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EndpointOrderTest {

  private static List<Backend.Endpoint> endpoints(int count) {
    List<Backend.Endpoint> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      all.add(new Backend.Endpoint("10.0.0." + i, 8080, Backend.Endpoint.State.READY));
    }
    return all;
  }

  /** Of a hundred replicas no endpoint is the first for many, nor the next one after any other. */
  @Test
  void replicasDoNotHerd() {
    Map<String, Integer> firsts = new HashMap<>();
    Map<String, Integer> successors = new HashMap<>();
    for (long seed = 0; seed < 100; seed++) {
      List<Backend.Endpoint> order = EndpointOrder.of(endpoints(10), seed);
      assertThat(order).containsExactlyInAnyOrderElementsOf(endpoints(10));
      firsts.merge(order.getFirst().toString(), 1, Integer::sum);
      int of = order.indexOf(endpoints(10).getFirst());
      successors.merge(order.get((of + 1) % 10).toString(), 1, Integer::sum);
    }
    assertThat(firsts.values()).hasSize(10).allMatch(count -> count <= 25);
    assertThat(successors.values()).hasSize(9).allMatch(count -> count <= 25);
  }

  @Test
  void orderOfAReplicaIsItsOwnAndStays() {
    assertThat(EndpointOrder.of(endpoints(10), 7)).isEqualTo(EndpointOrder.of(endpoints(10), 7));
    assertThat(EndpointOrder.of(endpoints(10), 7)).isNotEqualTo(EndpointOrder.of(endpoints(10), 8));
  }

  @Test
  void whoGoesLeavesTheOrderOfTheOthers() {
    List<Backend.Endpoint> before = new ArrayList<>(EndpointOrder.of(endpoints(10), 7));
    before.remove(endpoints(10).getLast());
    assertThat(EndpointOrder.of(endpoints(9), 7)).isEqualTo(before);
  }
}
