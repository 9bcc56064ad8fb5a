package dev.lockstep.core.replication;

import static dev.lockstep.core.sample.Samples.at;
import static dev.lockstep.core.sample.Samples.digest;
import static dev.lockstep.core.sample.Samples.epoch;
import static dev.lockstep.core.sample.Samples.podId;
import static dev.lockstep.core.sample.Samples.snapshot;
import static dev.lockstep.core.sample.Samples.version;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.protocol.AckEntry;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What a leader remembers, within bounds: its history, its log, its tokens. */
final class RecordsTest {

  @Test
  void historyFindsByVersionAndByDigest() {
    History history = History.EMPTY.with(snapshot(1, "a"), at(1)).with(snapshot(2, "b"), at(2));
    assertThat(history.find(version(2))).contains(snapshot(2, "b"));
    assertThat(history.find(digest("a"))).contains(snapshot(1, "a"));
    assertThat(history.find(digest("b"))).contains(snapshot(2, "b"));
    assertThat(history.find(digest("c"))).isEmpty();
    assertThat(history.committedAt(version(1))).contains(at(1));
    assertThat(history.find(version(3))).isEmpty();
  }

  @Test
  void historyForgetsTheOldest() {
    History history = History.EMPTY;
    for (int i = 1; i <= 70; i++) {
      history = history.with(snapshot(i, "a"), at(i));
    }
    assertThat(history.records()).hasSize(64);
    assertThat(history.find(version(6))).isEmpty();
    assertThat(history.find(version(7))).isPresent();
  }

  @Test
  void logCountsFromOneAndForgetsTheOldest() {
    AckLog log = AckLog.of(epoch(5));
    AckLog.Line line =
        new AckLog.Line(
            "router2", podId(2), version(3), AckEntry.Kind.ACK, Duration.ofMillis(4), "");
    for (int i = 0; i < 5_000; i++) {
      log = log.append(line);
    }
    assertThat(log.entries()).hasSize(4_096);
    assertThat(log.entries().getFirst().sequence()).isEqualTo(905);
    assertThat(log.entries().getLast())
        .isEqualTo(
            new AckEntry(
                5_000,
                epoch(5),
                "router2",
                podId(2),
                version(3),
                AckEntry.Kind.ACK,
                Duration.ofMillis(4),
                ""));
  }

  /** Rule P16: a burst at once, and then the sustained rate. */
  @Test
  void bucketLetsABurstThroughAndThenOneAtATime() {
    TokenBucket bucket = TokenBucket.full(50, 3);
    for (int i = 0; i < 3; i++) {
      assertThat(at(0).isAtOrAfter(bucket.nextAt(at(0)))).isTrue();
      bucket = bucket.take(at(0));
    }
    assertThat(bucket.nextAt(at(0))).isEqualTo(at(20));
    bucket = bucket.take(at(20));
    assertThat(bucket.nextAt(at(20))).isEqualTo(at(40));
    assertThat(at(1_000).isAtOrAfter(bucket.nextAt(at(1_000)))).isTrue();
  }

  @Test
  void bucketThatRestedIsNoFullerThanFull() {
    TokenBucket bucket = TokenBucket.full(50, 3).take(at(0));
    for (int i = 0; i < 3; i++) {
      bucket = bucket.take(at(60_000));
    }
    assertThat(bucket.nextAt(at(60_000))).isEqualTo(at(60_020));
  }
}
