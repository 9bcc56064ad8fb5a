package dev.lockstep.agent.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.agent.api.Views;
import dev.lockstep.core.ReplicaView;
import dev.lockstep.core.config.Digest;
import dev.lockstep.core.config.Version;
import dev.lockstep.core.protocol.AckEntry;
import dev.lockstep.core.protocol.Effect;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What Prometheus reads. */
class MetersTest {
  private final AtomicReference<ReplicaView> view = new AtomicReference<>(Views.leader());
  private final Meters meters = new Meters(view::get);

  @AfterEach
  void close() {
    meters.close();
  }

  @Test
  void leaderShowsTheMesh() {
    assertThat(meters.scrape().lines())
        .contains(
            "lockstep_leader 1.0",
            "lockstep_epoch 3.0",
            "lockstep_version_served 12.0",
            "lockstep_version_committed 12.0",
            "lockstep_version_open 11.0",
            "lockstep_suspended 0.0",
            "lockstep_quarantined 1.0",
            "lockstep_replicas{state=\"in-sync\"} 1.0",
            "lockstep_replicas{state=\"lagging\"} 1.0",
            "lockstep_replicas{state=\"fenced\"} 0.0",
            "lockstep_replica_version{pod=\"lockstep-3\",replica=\"router3\"} 11.0");
  }

  @Test
  void followerShowsOnlyItself() {
    meters.scrape();
    view.set(Views.follower(2, 1, "http://127.0.0.1:1"));
    assertThat(meters.scrape().lines())
        .contains("lockstep_leader 0.0", "lockstep_leader_known 1.0", "lockstep_in_sync 1.0")
        .noneMatch(line -> line.startsWith("lockstep_replicas{"))
        .noneMatch(line -> line.startsWith("lockstep_replica_version{"));
  }

  @Test
  void announcementsAreCounted() {
    Digest digest = Digest.of("x");
    for (Effect.Notice notice :
        List.of(
            new Effect.LeadershipWon(Views.EPOCH, "expired"),
            new Effect.Committed(Views.EPOCH, new Version(13), digest, 3),
            new Effect.Served(new Version(13), digest),
            new Effect.BarrierOpened(Views.EPOCH, new Version(13), Duration.ofMillis(4)),
            new Effect.MemberChanged("router2", Views.pod(2), AckEntry.Kind.FENCED, "silent"),
            new Effect.Alarm("pod", "without our gate"))) {
      meters.onNotice(notice);
    }
    assertThat(meters.scrape().lines())
        .contains(
            "lockstep_leadership_changes_total{what=\"won\"} 1.0",
            "lockstep_leadership_changes_total{what=\"lost\"} 0.0",
            "lockstep_versions_total{outcome=\"committed\"} 1.0",
            "lockstep_versions_total{outcome=\"refused\"} 0.0",
            "lockstep_changed_entries_total 3.0",
            "lockstep_barrier_open_seconds_count 1",
            "lockstep_barrier_open_seconds_bucket{le=\"0.005\"} 1",
            "lockstep_member_changes_total{kind=\"fenced\"} 1.0",
            "lockstep_alarms_total{kind=\"alarm\"} 1.0");
  }

  @Test
  void otherPartsExposeTheirOwnFigures() {
    AtomicLong requests = new AtomicLong(5);
    MeterName name = MeterName.of("lockstep.proxy.requests", "Requests of clients");
    meters.counter(name.with("scheme", "http"), requests::get);
    meters.counter(name.with("scheme", "https"), () -> 7);
    meters.gauge(MeterName.of("lockstep.mesh.links", "Open links"), () -> 2);
    requests.incrementAndGet();
    assertThat(meters.scrape().lines())
        .contains(
            "# HELP lockstep_proxy_requests_total Requests of clients",
            "lockstep_proxy_requests_total{scheme=\"http\"} 6.0",
            "lockstep_proxy_requests_total{scheme=\"https\"} 7.0",
            "lockstep_mesh_links 2.0");
  }

  @Test
  void processIsShownToo() {
    assertThat(meters.scrape())
        .contains("jvm_memory_used_bytes", "jvm_gc_", "process_cpu_usage", "process_files_open");
  }
}
