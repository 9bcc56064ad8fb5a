package dev.lockstep.local.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Ports are free, and nobody else's. */
final class PortsTest {
  @Test
  void twoRunsNeverGetTheSamePort() {
    Set<Integer> seen = new HashSet<>();
    try (Ports one = Ports.open(new Random(1));
        Ports two = Ports.open(new Random(1))) {
      for (int i = 0; i < 20; i++) {
        assertThat(seen.add(one.next())).isTrue();
        assertThat(seen.add(two.next())).isTrue();
      }
    }
  }

  @Test
  void aPortInUseIsSkipped() throws IOException {
    try (Ports ports = Ports.open(new Random(2))) {
      int taken = ports.next() + 1;
      try (ServerSocket socket = new ServerSocket(taken, 1, InetAddress.getLoopbackAddress())) {
        assertThat(ports.next()).isNotEqualTo(socket.getLocalPort());
      }
    }
  }
}
