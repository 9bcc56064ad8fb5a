package dev.lockstep.e2e;

import static dev.lockstep.e2e.RealMesh.NAMESPACE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lockstep.local.MeshQuestions.State;
import dev.lockstep.local.SampleObjects;
import dev.lockstep.local.kubelet.LocalReplica;
import dev.lockstep.local.process.Progress;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** More requests than there is processor; no file descriptors left. Promises hold all the same. */
final class ScarcityIT {
  @RegisterExtension static final RealMesh MESH = RealMesh.of(3);

  private static final String HOST = "scarce.localhost";
  private static final SampleObjects.Path TO_WEB = new SampleObjects.Path("/", "web");
  private static final SampleObjects.Path TO_API = new SampleObjects.Path("/", "api");
  private static final int CLIENTS = 16;
  private static final int ENOUGH_REQUESTS = 5_000;
  private static final int FEW_DESCRIPTORS = 12;
  private static final Path PRLIMIT = Path.of("/usr/bin/prlimit");

  @BeforeEach
  void startWell() {
    Awaitility.setDefaultTimeout(Duration.ofSeconds(60));
    MESH.local().awaitReady(new Progress(System.out));
    MESH.awaitOpen(
        MESH.apply(SampleObjects.ingress(NAMESPACE, "scarce", HOST, TO_WEB)), State.PRESENT);
  }

  /** Clients that each ask again at once keep every processor busy for as long as this takes. */
  @Test
  void aFloodOfRequestsCostsNobodyHisPlace() {
    long epoch = MESH.onLease("epoch");
    List<SteadyClient> flood = new ArrayList<>();
    try {
      for (int i = 0; i < CLIENTS; i++) {
        flood.add(SteadyClient.start(MESH.replicas(), HOST, "web-1"));
      }
      await().until(() -> requests(flood) > ENOUGH_REQUESTS);
      MESH.awaitOpen(
          MESH.apply(
              SampleObjects.ingress(NAMESPACE, "amid-flood", "amid-flood.localhost", TO_WEB)),
          State.PRESENT);
      int before = requests(flood);
      await().until(() -> requests(flood) > before + ENOUGH_REQUESTS);
    } finally {
      flood.forEach(SteadyClient::close);
    }
    assertThat(flood).allSatisfy(client -> assertThat(client.faults()).isEmpty());
    assertThat(MESH.onLease("epoch")).as("nobody had to take over").isEqualTo(epoch);
    assertThat(MESH.replicas()).allMatch(LocalReplica::ready);
    MESH.assertServed("amid-flood.localhost", "/", "web-1");
  }

  @Test
  void aReplicaWithoutFileDescriptorsComesBackByItself() throws Exception {
    assumeTrue(Files.isExecutable(PRLIMIT), "skipped: there is no " + PRLIMIT + " here");
    LocalReplica poor = MESH.followers().getFirst();
    long pid = poor.pid().orElseThrow();
    long usual = descriptors(pid);
    List<Socket> greedy = new ArrayList<>();
    limit(pid, usual + FEW_DESCRIPTORS);
    try {
      for (int i = 0; i < FEW_DESCRIPTORS * 4; i++) {
        greedy.add(halfARequest(poor));
      }
      await().until(() -> descriptors(pid) >= usual + FEW_DESCRIPTORS - 1);
      // What it needs for this is open already, so even it has the change.
      MESH.awaitOpen(
          MESH.apply(SampleObjects.ingress(NAMESPACE, "scarce", HOST, TO_API)), State.PRESENT);
    } finally {
      limit(pid, 4_096);
      for (Socket socket : greedy) {
        socket.close();
      }
    }
    await()
        .ignoreExceptions()
        .until(() -> MESH.traffic().get(poor.http(), HOST, "/").from("api-1"));
    MESH.local().awaitReady(new Progress(System.out));
    assertThat(MESH.replica(poor.pod()).pid()).as("the same process").hasValue(pid);
  }

  private static int requests(List<SteadyClient> flood) {
    return flood.stream().mapToInt(SteadyClient::requests).sum();
  }

  /** {@return a connection that has begun a request and waits} */
  private static Socket halfARequest(LocalReplica replica) throws IOException {
    Socket socket = new Socket();
    socket.connect(new InetSocketAddress("127.0.0.1", replica.http().getPort()));
    socket.getOutputStream().write("GET / HTTP/1.1\r\n".getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  private static long descriptors(long pid) throws IOException {
    try (Stream<Path> open = Files.list(Path.of("/proc/" + pid + "/fd"))) {
      return open.count();
    }
  }

  private static void limit(long pid, long descriptors) throws Exception {
    Process process =
        new ProcessBuilder(PRLIMIT.toString(), "--pid=" + pid, "--nofile=" + descriptors + ":4096")
            .inheritIO()
            .start();
    assertThat(process.waitFor()).as("prlimit").isZero();
  }
}
