package dev.lockstep.core.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The map behaves as a TreeMap, is the same however it came to be, and shares what is the same. */
class OrderedMapTest {
  private static final int STEPS = 3000;
  private static final int KEYS = 300;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void behavesAsATreeMap(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    TreeMap<String, String> model = new TreeMap<>();
    OrderedMap<String> map = OrderedMap.empty();
    for (int i = 0; i < STEPS; i++) {
      String key = "k" + random.nextInt(KEYS);
      OrderedMap<String> before = map;
      if (random.nextInt(3) == 0) {
        model.remove(key);
        map = map.without(key);
      } else {
        String value = "v" + random.nextInt(4);
        model.put(key, value);
        map = map.with(key, value);
      }
      assertThat(map.get(key)).isEqualTo(Optional.ofNullable(model.get(key)));
      assertThat(map.size()).isEqualTo(model.size());
      if (i % 100 == 0) {
        assertThat(map.values()).isEqualTo(new ArrayList<>(model.values()));
        assertThat(keys(map.withPrefix("k1"))).isEqualTo(prefixed(model));
        assertDiffIsRight(before, map);
      }
    }
  }

  private static List<String> keys(List<OrderedMap.Mapping<String>> mappings) {
    return mappings.stream().map(OrderedMap.Mapping::key).toList();
  }

  private static List<String> prefixed(TreeMap<String, String> model) {
    return model.keySet().stream().filter(k -> k.startsWith("k1")).toList();
  }

  private static void assertDiffIsRight(OrderedMap<String> from, OrderedMap<String> to) {
    TreeMap<String, Optional<String>> expected = new TreeMap<>();
    from.forEach(m -> expected.put(m.key(), to.get(m.key())));
    to.forEach(m -> expected.put(m.key(), Optional.of(m.value())));
    expected.entrySet().removeIf(e -> from.get(e.getKey()).equals(e.getValue()));
    TreeMap<String, Optional<String>> told = new TreeMap<>();
    List<String> order = new ArrayList<>();
    from.diff(
        to,
        (key, value) -> {
          told.put(key, value);
          order.add(key);
        });
    assertThat(told).isEqualTo(expected);
    assertThat(order).isSorted().doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @ValueSource(longs = {5, 6, 7})
  void diffOfUnrelatedMapsIsRight(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < 60; i++) {
      OrderedMap<String> from = random(random);
      OrderedMap<String> to = random(random);
      assertDiffIsRight(from, to);
      assertDiffIsRight(from, OrderedMap.empty());
      assertDiffIsRight(OrderedMap.empty(), to);
    }
  }

  private static OrderedMap<String> random(SplittableRandom random) {
    OrderedMap<String> map = OrderedMap.empty();
    for (int i = random.nextInt(60); i > 0; i--) {
      map = map.with("k" + random.nextInt(50), "v" + random.nextInt(2));
    }
    return map;
  }

  @ParameterizedTest
  @ValueSource(longs = {8, 9, 10})
  void digestDoesNotDependOnHistory(long seed) {
    List<String> keys = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      keys.add("key" + i);
    }
    OrderedMap<String> inOrder = OrderedMap.empty();
    for (String key : keys) {
      inOrder = inOrder.with(key, "v" + key);
    }
    Collections.shuffle(keys, new Random(seed));
    OrderedMap<String> shuffled = OrderedMap.empty();
    for (String key : keys) {
      shuffled = shuffled.with(key + "x", "other").with(key, "old").with(key, "v" + key);
    }
    for (String key : keys) {
      shuffled = shuffled.without(key + "x");
    }
    assertThat(shuffled).isEqualTo(inOrder);
    assertThat(digest(shuffled)).isEqualTo(digest(inOrder));
    assertThat(digest(shuffled.with(keys.getFirst(), "else"))).isNotEqualTo(digest(inOrder));
    assertThat(digest(shuffled.without(keys.getFirst()))).isNotEqualTo(digest(inOrder));
  }

  private static byte[] digest(OrderedMap<String> map) {
    return map.digest(v -> Digest.sha256(v.getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void digestOfAChangeCostsTheDepthAndNotTheSize() {
    OrderedMap<String> map = OrderedMap.empty();
    for (int i = 0; i < 20_000; i++) {
      map = map.with("route/host" + i + ".example.com/Ingress/ns/web", "v");
    }
    digest(map);
    AtomicInteger hashed = new AtomicInteger();
    map.with("route/host777.example.com/Ingress/ns/web", "changed")
        .digest(
            v -> {
              hashed.incrementAndGet();
              return Digest.sha256(v.getBytes(StandardCharsets.UTF_8));
            });
    assertThat(hashed.get()).isBetween(1, 80);
  }

  @Test
  void sameValueGivesTheSameMap() {
    OrderedMap<String> map = OrderedMap.<String>empty().with("a", "1");
    assertThat(map.with("a", "1")).isSameAs(map);
    assertThat(map.without("b")).isSameAs(map);
  }
}
