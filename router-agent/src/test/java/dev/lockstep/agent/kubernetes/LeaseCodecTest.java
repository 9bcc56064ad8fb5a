package dev.lockstep.agent.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.config.Digest;
import dev.lockstep.core.config.Epoch;
import dev.lockstep.core.config.Version;
import dev.lockstep.core.protocol.Address;
import dev.lockstep.core.protocol.Lease;
import dev.lockstep.core.protocol.ReplicaId;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What is written can be read, what is foreign stays, and what is rubbish reads as missing. */
final class LeaseCodecTest {
  private static final Instant NOW = Instant.parse("2026-02-03T04:05:06.000007999Z");
  private static final ReplicaId LEADER = new ReplicaId("lockstep-a", "b00t");
  private static final Lease LEASE =
      new Lease(
          "uid-1",
          41,
          Optional.of(LEADER),
          Duration.ofSeconds(5),
          new Epoch(7),
          new Version(42),
          Optional.of(Digest.of("config")),
          "n0nce",
          Optional.of(
              new Address("https://m:1", "pin=", "http://h:2", "https://s:3", "http://a:4")),
          List.of(new ReplicaId("lockstep-b", "x"), new ReplicaId("lockstep-c", "y")));

  @Test
  void whatIsWrittenIsRead() {
    assertThat(LeaseCodec.decode(LeaseCodec.encode(LEASE, blank(), NOW))).isEqualTo(LEASE);
  }

  @Test
  void aReleasedLeaseHasNoHolderAndNoAddress() {
    var held = LeaseCodec.encode(LEASE, blank(), NOW);
    var released = LeaseCodec.encode(LEASE.released(), held, NOW);
    assertThat(released.getSpec().getHolderIdentity()).isNull();
    assertThat(released.getMetadata().getAnnotations())
        .doesNotContainKeys(LeaseAnnotations.LEADER_URL, LeaseAnnotations.LEADER_API);
    assertThat(LeaseCodec.decode(released)).isEqualTo(LEASE.released());
  }

  @Test
  void foreignAnnotationsAndLabelsStay() {
    var last =
        new LeaseBuilder(blank())
            .editMetadata()
            .addToAnnotations("example.com/owner", "team")
            .addToAnnotations("lockstep.dev/note", "of somebody else")
            .addToLabels("a", "b")
            .endMetadata()
            .build();
    var written = LeaseCodec.encode(LEASE, last, NOW).getMetadata();
    assertThat(written.getAnnotations())
        .containsEntry("example.com/owner", "team")
        .containsEntry("lockstep.dev/note", "of somebody else");
    assertThat(written.getLabels()).containsEntry("a", "b");
  }

  @Test
  void theWriteReplacesExactlyWhatWasSeen() {
    var written = LeaseCodec.encode(LEASE, blank(), NOW).getMetadata();
    assertThat(written.getUid()).isEqualTo("uid-1");
    assertThat(written.getResourceVersion()).isEqualTo("41");
  }

  @Test
  void timesHaveSixDigitsInUtc() {
    String json = new KubernetesSerialization().asJson(LeaseCodec.encode(LEASE, blank(), NOW));
    assertThat(json)
        .contains("\"renewTime\":\"2026-02-03T04:05:06.000007Z\"")
        .contains("\"acquireTime\":\"2026-02-03T04:05:06.000007Z\"");
  }

  @Test
  void acquireTimeMovesWithTheHolderOnly() {
    var held = LeaseCodec.encode(LEASE, blank(), NOW);
    var renewed = LeaseCodec.encode(LEASE, held, NOW.plusSeconds(1));
    var taken =
        LeaseCodec.encode(
            LEASE.heldBy(new ReplicaId("lockstep-b", "x"), LEASE.leader().get(), new Epoch(8)),
            renewed,
            NOW.plusSeconds(2));
    assertThat(renewed.getSpec().getAcquireTime()).isEqualTo(held.getSpec().getAcquireTime());
    assertThat(taken.getSpec().getAcquireTime()).isEqualTo(taken.getSpec().getRenewTime());
    assertThat(taken.getSpec().getLeaseTransitions()).isEqualTo(8);
  }

  @Test
  void anObjectWithoutAnnotationsIsBlank() {
    assertThat(LeaseCodec.decode(blank()).isBlank()).isTrue();
  }

  private record Rubbish(String name, Map<String, String> annotations) {}

  @Test
  void rubbishReadsAsMissing() {
    List<Rubbish> table =
        List.of(
            new Rubbish("text", Map.of("lockstep.dev/epoch", "seven")),
            new Rubbish("negative", Map.of("lockstep.dev/epoch", "-7")),
            new Rubbish("overflow", Map.of("lockstep.dev/version", "9".repeat(40))),
            new Rubbish("empty", Map.of("lockstep.dev/version", "")),
            new Rubbish("blank", Map.of("lockstep.dev/version", " 7 ")),
            new Rubbish("other digits", Map.of("lockstep.dev/version", "٧")),
            new Rubbish("short digest", Map.of("lockstep.dev/digest", "abc")),
            new Rubbish("no digest", Map.of("lockstep.dev/digest", "z".repeat(64))),
            new Rubbish("key without URL", Map.of("lockstep.dev/leader-spki-sha256", "pin")),
            new Rubbish("URL without key", Map.of("lockstep.dev/leader-url", "https://m")),
            new Rubbish("commas", Map.of("lockstep.dev/successors", ", ,,")));
    Lease blank = LeaseCodec.decode(blank());
    for (Rubbish row : table) {
      var object =
          new LeaseBuilder(blank())
              .editMetadata()
              .withAnnotations(row.annotations)
              .endMetadata()
              .build();
      assertThat(LeaseCodec.decode(object)).as(row.name).isEqualTo(blank);
    }
  }

  @Test
  void anAbsurdDurationIsCapped() {
    for (int seconds : new int[] {0, -1, Integer.MAX_VALUE}) {
      var object = new LeaseBuilder(blank()).editSpec().withLeaseDurationSeconds(seconds).endSpec();
      assertThat(LeaseCodec.decode(object.build()).duration())
          .isBetween(Duration.ofSeconds(1), Duration.ofMinutes(10));
    }
  }

  private static io.fabric8.kubernetes.api.model.coordination.v1.Lease blank() {
    return new LeaseBuilder()
        .withNewMetadata()
        .withName("lockstep")
        .withUid("uid-1")
        .withResourceVersion("40")
        .endMetadata()
        .withNewSpec()
        .endSpec()
        .build();
  }
}
