package dev.lockstep.bench.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The bodies of the backend. */
final class BodyTest {
  @Test
  void bodiesHaveTheirSizesAndNoTwoPartsAlike() {
    assertThat(Body.SMALL.content()).hasSize(128).startsWith("line 0000000000\nline 0000000001\n");
    assertThat(Body.MEDIUM.content()).hasSize(16_384);
    assertThat(Body.LARGE.content()).hasSize(1_048_576).isASCII();
    assertThat(Body.LARGE.content().lines().distinct().count())
        .isEqualTo(Body.LARGE.content().lines().count());
  }
}
