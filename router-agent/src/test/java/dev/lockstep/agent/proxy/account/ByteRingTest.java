package dev.lockstep.agent.proxy.account;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** Lines come out as they went in, or not at all. */
class ByteRingTest {
  private static final int SIZE = 64;

  private static byte[] line(String text) {
    return (text + "\n").getBytes(StandardCharsets.US_ASCII);
  }

  private static String take(ByteRing ring, int most) {
    ByteBuffer piece = ring.readable();
    byte[] taken = new byte[Math.min(most, piece.remaining())];
    piece.get(taken);
    ring.release(taken.length);
    return new String(taken, StandardCharsets.US_ASCII);
  }

  @Test
  void whatDoesNotFitIsNotTakenInPart() {
    ByteRing ring = new ByteRing(SIZE);
    assertThat(ring.offer(new byte[SIZE + 1], SIZE + 1)).isFalse();
    assertThat(ring.offer(new byte[SIZE], SIZE)).isTrue();
    assertThat(ring.offer(new byte[1], 1)).isFalse();
    take(ring, 1);
    assertThat(ring.offer(new byte[1], 1)).isTrue();
    assertThat(ring.offer(new byte[1], 1)).isFalse();
  }

  @Test
  void sizeIsAPowerOfTwo() {
    assertThatThrownBy(() -> new ByteRing(SIZE + 1))
        .hasMessage("size: 65 (expected: a power of two)");
  }

  @Test
  void bytesComeOutInTheirOrder() {
    RandomGenerator random = new Random(1);
    ByteRing ring = new ByteRing(SIZE);
    StringBuilder in = new StringBuilder();
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < 10_000; i++) {
      byte[] next = line("x".repeat(random.nextInt(30)) + i);
      if (ring.offer(next, next.length)) {
        in.append(new String(next, StandardCharsets.US_ASCII));
      }
      out.append(take(ring, random.nextInt(SIZE)));
    }
    while (ring.readable().hasRemaining()) {
      out.append(take(ring, SIZE));
    }
    assertThat(out).hasToString(in.toString());
  }

  @Test
  void twoThreadsNeedNoLock() throws InterruptedException {
    int lines = 200_000;
    ByteRing ring = new ByteRing(1024);
    Thread putter =
        Thread.ofPlatform()
            .start(
                () -> {
                  for (int i = 0; i < lines; i++) {
                    byte[] next = line(Integer.toString(i));
                    while (!ring.offer(next, next.length)) {
                      Thread.onSpinWait();
                    }
                  }
                });
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    while (putter.isAlive() || ring.readable().hasRemaining()) {
      ByteBuffer piece = ring.readable();
      byte[] taken = new byte[piece.remaining()];
      piece.get(taken);
      out.writeBytes(taken);
      ring.release(taken.length);
    }
    putter.join();
    String[] got = out.toString(StandardCharsets.US_ASCII).split("\n");
    assertThat(got).hasSize(lines);
    for (int i = 0; i < lines; i++) {
      assertThat(got[i]).isEqualTo(Integer.toString(i));
    }
  }
}
