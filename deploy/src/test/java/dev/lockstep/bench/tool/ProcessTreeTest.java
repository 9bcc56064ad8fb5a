package dev.lockstep.bench.tool;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The files of {@code /proc/PID}. */
final class ProcessTreeTest {
  @Test
  void processorTimeIsThatOutsideAndInTheKernel() {
    String stat =
        "4711 (nginx) S 1 4711 4711 0 -1 4194560 1200 0 0 0 250 31 0 0 20 0 1 0 1000 9000000 900";
    assertThat(ProcessTree.processorTime(stat)).isEqualTo(Duration.ofMillis(2_810));
  }

  @Test
  void nameMayHoldBracketsAndSpaces() {
    String stat = "1 (a) R (b 7) S 1 1 1 0 -1 0 0 0 0 0 1 2 99 99 20 0 1 0 1 1 1";
    assertThat(ProcessTree.processorTime(stat)).isEqualTo(Duration.ofMillis(30));
  }

  @Test
  void peakIsInKibibytes() {
    assertThat(ProcessTree.peakBytes("VmPeak:\t  900 kB\nVmHWM:\t   12 kB\nVmRSS:\t 10 kB\n"))
        .isEqualTo(12_288);
    assertThat(ProcessTree.peakBytes("State:\tZ (zombie)\n")).isZero();
  }
}
