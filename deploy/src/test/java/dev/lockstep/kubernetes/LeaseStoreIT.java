package dev.lockstep.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.agent.kubernetes.KubernetesShell;
import dev.lockstep.core.config.Digest;
import dev.lockstep.core.config.Version;
import dev.lockstep.core.protocol.Address;
import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.Event;
import dev.lockstep.core.protocol.Lease;
import dev.lockstep.core.protocol.ReplicaId;
import dev.lockstep.local.cluster.AuditLog.Request;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The Lease on a real API server is the register that the protocol needs. */
@ExtendWith(LiveApi.Shared.class)
final class LeaseStoreIT {
  private static final ReplicaId ME = new ReplicaId("lockstep-test", "b00t");
  private static final Address HERE =
      new Address("https://m:1", "pin=", "http://h:2", "https://s:3", "http://a:4");

  private final Recorder events = new Recorder();
  private final LiveApi api;
  private String namespace;
  private KubernetesShell shell;

  LeaseStoreIT(LiveApi api) {
    this.api = api;
  }

  @BeforeEach
  void open() {
    namespace = api.newNamespace();
    shell = api.shell(namespace, events);
  }

  @AfterEach
  void close() {
    shell.close();
  }

  @Test
  void aMissingLeaseIsMissingUntilItIsMade() {
    shell.execute(new Effect.ReadLease());
    events.only(Event.LeaseMissing.class);
    assertThat(made().isBlank()).isTrue();
    shell.execute(new Effect.CreateLease());
    assertThat(events.only(Event.LeaseRead.class).lease().isBlank()).isTrue();
  }

  @Test
  void whatIsWrittenIsRead() {
    Lease taken = written(mine(made(), "n1"));
    shell.execute(new Effect.ReadLease());
    assertThat(events.only(Event.LeaseRead.class).lease()).isEqualTo(taken);
    assertThat(taken.holder()).contains(ME);
    assertThat(taken.leader()).contains(HERE);
    assertThat(taken.version()).isEqualTo(new Version(1));
    Lease released = written(taken.released().forWrite("n2", Duration.ofSeconds(5), List.of()));
    assertThat(released.holder()).isEmpty();
    assertThat(released.leader()).isEmpty();
    assertThat(lease().get().getSpec().getHolderIdentity()).isNull();
  }

  @Test
  void aWriteFromAnOlderLookIsUnresolvedAndChangesNothing() {
    Lease first = made();
    Lease second = written(mine(first, "n1"));
    shell.execute(new Effect.WriteLease(mine(first, "n2")));
    assertThat(events.only(Event.LeaseWriteUnresolved.class).reason()).contains("409");
    shell.execute(new Effect.ReadLease());
    assertThat(events.only(Event.LeaseRead.class).lease()).isEqualTo(second);
  }

  @Test
  void aRepeatedWriteIsRecognizedByItsNonce() {
    Lease wanted = mine(made(), "n1");
    Lease written = written(wanted);
    shell.execute(new Effect.WriteLease(wanted));
    events.only(Event.LeaseWriteUnresolved.class);
    shell.execute(new Effect.ReadLease());
    Lease read = events.only(Event.LeaseRead.class).lease();
    assertThat(read.nonce()).isEqualTo("n1");
    assertThat(read).isEqualTo(written);
  }

  @Test
  void aLateWriteDoesNotMakeADeletedLeaseAgain() {
    Lease old = made();
    lease().delete();
    shell.execute(new Effect.WriteLease(mine(old, "n1")));
    events.only(Event.LeaseWriteUnresolved.class);
    assertThat(lease().get()).isNull();
  }

  @Test
  void aLateWriteDoesNotHitALeaseThatWasMadeAgain() {
    Lease old = made();
    lease().delete();
    Lease anew = made();
    shell.execute(new Effect.WriteLease(mine(old, "n1")));
    events.only(Event.LeaseWriteUnresolved.class);
    shell.execute(new Effect.ReadLease());
    assertThat(events.only(Event.LeaseRead.class).lease()).isEqualTo(anew);
  }

  @Test
  void whatOthersWroteOnTheLeaseStays() {
    made();
    lease()
        .edit(object -> object.edit().editMetadata().addToLabels("x", "y").endMetadata().build());
    shell.execute(new Effect.ReadLease());
    Lease read = events.only(Event.LeaseRead.class).lease();
    written(mine(read, "n1"));
    assertThat(lease().get().getMetadata().getLabels()).containsEntry("x", "y");
  }

  @Test
  void ofManyWritersExactlyOneWins() {
    Lease common = made();
    List<KubernetesShell> shells = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      shells.add(api.shell(namespace, events));
    }
    for (int i = 0; i < shells.size(); i++) {
      shells.get(i).execute(new Effect.WriteLease(mine(common, "n" + i)));
    }
    List<Event> outcomes = new ArrayList<>();
    shells.forEach(one -> outcomes.add(events.only(Event.class)));
    shells.forEach(KubernetesShell::close);
    assertThat(outcomes).filteredOn(Event.LeaseWritten.class::isInstance).hasSize(1);
    assertThat(outcomes).filteredOn(Event.LeaseWriteUnresolved.class::isInstance).hasSize(7);
  }

  @Test
  void eachEffectIsOneRequest() {
    Lease made = made();
    long mark = api.server().audit().mark();
    written(mine(made, "n1"));
    shell.execute(new Effect.ReadLease());
    events.only(Event.LeaseRead.class);
    Awaitility.await()
        .untilAsserted(
            () ->
                assertThat(api.server().audit().requestsFrom(mark))
                    .filteredOn(request -> request.userAgent().endsWith(namespace))
                    .extracting(Request::verb, Request::resource, Request::code)
                    .containsExactlyInAnyOrder(
                        org.assertj.core.groups.Tuple.tuple("update", "leases", 200),
                        org.assertj.core.groups.Tuple.tuple("get", "leases", 200)));
  }

  /** A server that takes connections and never answers: F11, T3. */
  @Test
  void aSilentServerCostsNoMoreThanTheDeadline(@TempDir Path folder) throws IOException {
    Lease any = made();
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      Path kubeconfig = folder.resolve("kubeconfig");
      String address = "http://127.0.0.1:" + silent.getLocalPort();
      Files.writeString(kubeconfig, plain(address));
      try (KubernetesShell stuck =
          new KubernetesShell(LiveApi.settings(namespace, kubeconfig), events)) {
        long begin = System.nanoTime();
        stuck.execute(new Effect.ReadLease());
        stuck.execute(new Effect.CreateLease());
        stuck.execute(new Effect.WriteLease(mine(any, "n1")));
        List<Event> outcomes =
            List.of(events.only(Event.class), events.only(Event.class), events.only(Event.class));
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(5));
        assertThat(outcomes).filteredOn(Event.LeaseReadFailed.class::isInstance).hasSize(2);
        assertThat(outcomes).filteredOn(Event.LeaseWriteUnresolved.class::isInstance).hasSize(1);
      }
    }
    assertThat(events.rest()).isEmpty();
  }

  @Test
  void aServerThatIsAwayIsAFailureAndNotAMissingLease(@TempDir Path folder) throws IOException {
    Lease any = made();
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    Path kubeconfig = folder.resolve("kubeconfig");
    Files.writeString(kubeconfig, plain("http://127.0.0.1:" + port));
    try (KubernetesShell alone =
        new KubernetesShell(LiveApi.settings(namespace, kubeconfig), events)) {
      alone.execute(new Effect.ReadLease());
      events.only(Event.LeaseReadFailed.class);
      alone.execute(new Effect.WriteLease(mine(any, "n1")));
      events.only(Event.LeaseWriteUnresolved.class);
    }
  }

  private static String plain(String address) {
    return """
    apiVersion: v1
    kind: Config
    clusters: [{name: c, cluster: {server: "%s"}}]
    users: [{name: u, user: {token: t}}]
    contexts: [{name: x, context: {cluster: c, user: u}}]
    current-context: x
    """
        .formatted(address);
  }

  private Lease made() {
    shell.execute(new Effect.CreateLease());
    return events.only(Event.LeaseRead.class).lease();
  }

  private Lease written(Lease lease) {
    shell.execute(new Effect.WriteLease(lease));
    Lease written = events.only(Event.LeaseWritten.class).lease();
    assertThat(written.nonce()).isEqualTo(lease.nonce());
    assertThat(written.resourceVersion()).isGreaterThan(lease.resourceVersion());
    return written;
  }

  private static Lease mine(Lease base, String nonce) {
    return base.heldBy(ME, HERE, base.epoch().next())
        .withVersion(base.version().next(), Digest.of(nonce))
        .forWrite(nonce, Duration.ofSeconds(5), List.of(new ReplicaId("other", "x")));
  }

  private Resource<io.fabric8.kubernetes.api.model.coordination.v1.Lease> lease() {
    return api.admin().leases().inNamespace(namespace).withName("lockstep");
  }
}
