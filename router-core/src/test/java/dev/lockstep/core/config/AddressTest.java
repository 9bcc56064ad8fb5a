package dev.lockstep.core.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Addresses and blocks are read in exactly the forms of the standards. */
class AddressTest {

  /** A text and its canonical form; none when it is not an address. */
  private record Case(String text, String canonical) {}

  @TestFactory
  Stream<DynamicTest> addressesAreReadStrictly() {
    return Stream.of(
            new Case("0.0.0.0", "0.0.0.0"),
            new Case("255.255.255.255", "255.255.255.255"),
            new Case("10.1.2.3", "10.1.2.3"),
            new Case("::", "0:0:0:0:0:0:0:0"),
            new Case("::1", "0:0:0:0:0:0:0:1"),
            new Case("2001:DB8::A", "2001:db8:0:0:0:0:0:a"),
            new Case("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"),
            new Case("1::8", "1:0:0:0:0:0:0:8"),
            new Case("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"),
            new Case("::ffff:10.0.0.1", "0:0:0:0:0:ffff:a00:1"),
            new Case("", "none"),
            new Case("10.0.0", "none"),
            new Case("10.0.0.0.0", "none"),
            new Case("256.0.0.1", "none"),
            new Case("01.2.3.4", "none"),
            new Case("1.2.3.", "none"),
            new Case("1.2.3.-4", "none"),
            new Case("1.2.3.4 ", "none"),
            new Case("0x7f.0.0.1", "none"),
            new Case("2130706433", "none"),
            new Case("example.com", "none"),
            new Case(":", "none"),
            new Case(":::", "none"),
            new Case("1::2::3", "none"),
            new Case("1:2:3:4:5:6:7", "none"),
            new Case("1:2:3:4:5:6:7:8:9", "none"),
            new Case("1:2:3:4:5:6:7:8::", "none"),
            new Case(":1:2:3:4:5:6:7", "none"),
            new Case("12345::", "none"),
            new Case("g::", "none"),
            new Case("fe80::1%eth0", "none"),
            new Case("[::1]", "none"))
        .map(
            row ->
                DynamicTest.dynamicTest(
                    row.toString(),
                    () ->
                        assertThat(
                                IpAddress.parse(row.text()).map(IpAddress::format).orElse("none"))
                            .isEqualTo(row.canonical())));
  }

  @TestFactory
  Stream<DynamicTest> blocksAreReadStrictly() {
    return Stream.of(
            new Case("10.0.0.0/8", "10.0.0.0/8"),
            new Case("10.1.2.3/8", "10.0.0.0/8"),
            new Case(" 10.1.2.3 ", "10.1.2.3/32"),
            new Case("0.0.0.0/0", "0.0.0.0/0"),
            new Case("2001:db8::/32", "2001:db8:0:0:0:0:0:0/32"),
            new Case("::1", "0:0:0:0:0:0:0:1/128"),
            new Case("10.0.0.0/33", "none"),
            new Case("10.0.0.0/-1", "none"),
            new Case("10.0.0.0/08", "none"),
            new Case("10.0.0.0/", "none"),
            new Case("/8", "none"),
            new Case("10.0.0.0/8/8", "none"),
            new Case("10.0.0.0/255.0.0.0", "none"),
            new Case("::/129", "none"),
            new Case("all", "none"))
        .map(
            row ->
                DynamicTest.dynamicTest(
                    row.toString(),
                    () ->
                        assertThat(Cidr.parse(row.text()).map(Cidr::text).orElse("none"))
                            .isEqualTo(row.canonical())));
  }

  @Test
  void blockContainsExactlyTheAddressesWithItsPrefix() {
    SplittableRandom random = new SplittableRandom(3);
    for (int i = 0; i < 5000; i++) {
      byte[] base = new byte[random.nextBoolean() ? 4 : 16];
      random.nextBytes(base);
      int bits = base.length * 8;
      int prefix = random.nextInt(bits + 1);
      int flipped = random.nextInt(bits);
      byte[] other = base.clone();
      other[flipped / 8] ^= (byte) (0x80 >> (flipped % 8));
      Cidr block = Cidr.parse(IpAddress.format(base) + "/" + prefix).orElseThrow();
      assertThat(block.contains(base)).isTrue();
      assertThat(block.contains(other)).isEqualTo(flipped >= prefix);
    }
  }

  @Test
  void familiesDoNotMixButMappedAddressesAreIpv4() {
    Cidr any4 = Cidr.parse("0.0.0.0/0").orElseThrow();
    Cidr any6 = Cidr.parse("::/0").orElseThrow();
    byte[] mapped = IpAddress.parse("::ffff:1.2.3.4").orElseThrow();
    assertThat(any4.contains(mapped)).isTrue();
    assertThat(any6.contains(mapped)).isFalse();
    assertThat(any6.contains(new byte[] {1, 2, 3, 4})).isFalse();
  }

  @Test
  void hostileTextsAreRefusedAtOnce() {
    for (String text :
        List.of(
            "1.".repeat(1_000_000),
            ":".repeat(1_000_000),
            "1:".repeat(1_000_000),
            "9".repeat(1_000_000),
            "1.2.3.4/" + "9".repeat(1_000_000),
            "::/" + "0".repeat(1_000_000))) {
      assertThat(IpAddress.parse(text)).isEmpty();
      assertThat(Cidr.parse(text)).isEqualTo(Optional.empty());
    }
  }
}
