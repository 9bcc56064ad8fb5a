package dev.lockstep.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.bench.load.Reply;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A fault of any kind fails the run, and the report says which it was. */
final class FaultsTest {
  private static final Reply OLD = new Reply(404, "", 201, 202);
  private static final Reply NEW = new Reply(200, Change.FIRST_BACKEND, 203, 204);

  private final Faults faults = new Faults();

  @Test
  void nothingWrongPasses() {
    count(NEW);
    assertThat(report().passed()).isTrue();
    assertThat(report().table()).contains("FALSE OPENS 0, in 1 requests");
  }

  @Test
  void falseOpenFails() {
    count(OLD, NEW);
    assertThat(report().passed()).isFalse();
    assertThat(report().table())
        .contains("FALSE OPENS 1, in 2 requests", "old state of a-pod after the barrier");
    assertThat(report().json()).contains("\"falseOpens\" : 1", "\"passed\" : false");
  }

  @Test
  void changeThatIsNotSeenFails() {
    count();
    assertThat(faults.unfinished()).isEqualTo(1);
    assertThat(report().passed()).isFalse();
  }

  @Test
  void lostAnswerFails() {
    count(new Reply(502, "", 201, 202), NEW);
    assertThat(faults.failedRequests()).isEqualTo(1);
    assertThat(report().passed()).isFalse();
  }

  @Test
  void barrierThatDoesNotOpenFails() {
    count(NEW);
    faults.countClosed(Change.CREATE, new Reply(504, "router2 is late", 1, 2));
    assertThat(report().passed()).isFalse();
    assertThat(report().table()).contains("504 router2 is late");
  }

  /** Counts answers to requests that all started after the barrier opened. */
  private void count(Reply... replies) {
    Watch watch = new Watch(Change.CREATE, 1);
    watch.open(100);
    Sighting sighting = new Sighting(watch);
    for (Reply reply : replies) {
      sighting.note(200, reply);
    }
    faults.count("a-pod", sighting, Change.CREATE);
  }

  private LatencyReport report() {
    Cost cost = new Cost(Duration.ofSeconds(1), Optional.empty(), List.of(), Map.of(), Map.of());
    List<Measured> round = List.of(new Measured(Change.CREATE, 1_000_000, 2_000_000, 0, 500_000));
    return new LatencyReport(
        3,
        new ChangeLatency.Plan(List.of(0), 1, 1, 0),
        List.of(new Scenario(0, List.of(round), faults, cost)));
  }
}
