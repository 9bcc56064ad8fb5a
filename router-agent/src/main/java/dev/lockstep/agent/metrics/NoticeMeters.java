package dev.lockstep.agent.metrics;

import dev.lockstep.core.protocol.Effect;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Locale;

/** Counts what the machine announces. Thread-safe. */
final class NoticeMeters {
  private final MeterRegistry registry;
  private final Timer barriers;

  NoticeMeters(MeterRegistry registry) {
    this.registry = registry;
    this.barriers =
        Timer.builder("lockstep.barrier.open")
            .description("Time from the commit of a version to the opening of its barrier")
            .serviceLevelObjectives(
                Duration.ofMillis(2),
                Duration.ofMillis(5),
                Duration.ofMillis(10),
                Duration.ofMillis(25),
                Duration.ofMillis(50),
                Duration.ofMillis(100),
                Duration.ofMillis(250),
                Duration.ofSeconds(1),
                Duration.ofSeconds(5),
                Duration.ofSeconds(20))
            .register(registry);
    // Present from the start: a counter that appears with its first event hides that event.
    for (String what : new String[] {"won", "lost"}) {
      count("lockstep.leadership.changes", "what", what, 0);
    }
    for (String outcome : new String[] {"committed", "served", "refused"}) {
      count("lockstep.versions", "outcome", outcome, 0);
    }
  }

  void onNotice(Effect.Notice notice) {
    switch (notice) {
      case Effect.LeadershipWon ignored -> count("lockstep.leadership.changes", "what", "won", 1);
      case Effect.LeadershipLost ignored -> count("lockstep.leadership.changes", "what", "lost", 1);
      case Effect.Suspended ignored -> count("lockstep.suspensions", "what", "suspended", 1);
      case Effect.Resumed ignored -> count("lockstep.suspensions", "what", "resumed", 1);
      case Effect.Committed committed -> {
        count("lockstep.versions", "outcome", "committed", 1);
        registry.counter("lockstep.changed.entries").increment(committed.changes());
      }
      case Effect.Served ignored -> count("lockstep.versions", "outcome", "served", 1);
      case Effect.Refused ignored -> count("lockstep.versions", "outcome", "refused", 1);
      case Effect.BarrierOpened opened -> barriers.record(opened.afterCommit());
      case Effect.MemberChanged changed ->
          count(
              "lockstep.member.changes", "kind", changed.kind().name().toLowerCase(Locale.ROOT), 1);
      case Effect.Alarm ignored -> count("lockstep.alarms", "kind", "alarm", 1);
      case Effect.Following following ->
          count(
              "lockstep.following.changes",
              "leader",
              following.leader().isPresent() ? "found" : "lost",
              1);
    }
  }

  private void count(String name, String label, String value, double amount) {
    registry.counter(name, label, value).increment(amount);
  }
}
