package dev.lockstep.core.routing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.config.Cidr;
import dev.lockstep.core.config.IpAddress;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class SourceFilterTest {

  @Test
  void noListMeansEveryoneAndAnEmptyListNobody() {
    assertThat(SourceFilter.of(Optional.empty()).allows(address("192.0.2.1"))).isTrue();
    assertThat(SourceFilter.of(Optional.of(List.of())).allows(address("192.0.2.1"))).isFalse();
    assertThat(filter("0.0.0.0/0", "::/0").allows(new byte[0])).isFalse();
  }

  @Test
  void blocksOfBothFamiliesAreChecked() {
    SourceFilter filter = filter("10.0.0.0/8", "192.0.2.128/25", "2001:db8::/33", "203.0.113.7");
    assertThat(filter.allows(address("10.255.0.1"))).isTrue();
    assertThat(filter.allows(address("11.0.0.1"))).isFalse();
    assertThat(filter.allows(address("192.0.2.127"))).isFalse();
    assertThat(filter.allows(address("192.0.2.128"))).isTrue();
    assertThat(filter.allows(address("2001:db8:7fff::1"))).isTrue();
    assertThat(filter.allows(address("2001:db8:8000::1"))).isFalse();
    assertThat(filter.allows(address("203.0.113.7"))).isTrue();
    assertThat(filter.allows(address("::ffff:10.1.2.3"))).isTrue();
  }

  @Test
  void filterAgreesWithTheBlocksItWasMadeFrom() {
    SplittableRandom random = new SplittableRandom(7);
    for (int i = 0; i < 20_000; i++) {
      byte[] base = bytes(random);
      byte[] asked = base.clone();
      asked[random.nextInt(asked.length)] ^= (byte) (1 << random.nextInt(8));
      String text = IpAddress.format(base) + "/" + random.nextInt(base.length * 8 + 1);
      Cidr cidr = Cidr.parse(text).orElseThrow();
      assertThat(SourceFilter.of(Optional.of(List.of(cidr))).allows(asked))
          .as("%s %s", cidr, IpAddress.format(asked))
          .isEqualTo(cidr.contains(asked));
    }
  }

  private static byte[] bytes(SplittableRandom random) {
    byte[] bytes = new byte[random.nextBoolean() ? 4 : 16];
    random.nextBytes(bytes);
    return bytes;
  }

  private static SourceFilter filter(String... blocks) {
    return SourceFilter.of(
        Optional.of(Stream.of(blocks).map(b -> Cidr.parse(b).orElseThrow()).toList()));
  }

  private static byte[] address(String text) {
    return IpAddress.parse(text).orElseThrow();
  }
}
