package dev.lockstep.core.replication;

import static dev.lockstep.core.sample.Samples.address;
import static dev.lockstep.core.sample.Samples.at;
import static dev.lockstep.core.sample.Samples.config;
import static dev.lockstep.core.sample.Samples.epoch;
import static dev.lockstep.core.sample.Samples.snapshot;
import static dev.lockstep.core.sample.Samples.version;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.config.Snapshot;
import dev.lockstep.core.config.Version;
import dev.lockstep.core.protocol.Address;
import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.LinkId;
import dev.lockstep.core.protocol.Message;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What each follower is sent, and when. */
final class PushesTest {
  private static final List<Address> SOURCES = List.of(address(1), address(2));
  private static final Snapshot V1 = snapshot(1, "a");
  private static final Snapshot V2 = snapshot(2, "b");

  private final List<Effect> out = new ArrayList<>();
  private Pushes pushes = Pushes.of(epoch(5));
  private History history = History.EMPTY.with(V1, at(0)).with(V2, at(1));

  private List<Effect> push(Snapshot current) {
    out.clear();
    pushes = pushes.advance(current, history, SOURCES, out);
    return List.copyOf(out);
  }

  private void hello(int link, Version applied) {
    pushes = pushes.onHello(new LinkId(link), "router" + link, applied);
  }

  private static Effect send(int link, Message message) {
    return new Effect.Send(new LinkId(link), message);
  }

  private static Message welcome(int link, Snapshot current) {
    return new Message.Welcome(
        epoch(5), "router" + link, current.version(), current.digest(), SOURCES);
  }

  private static Message push(Snapshot base, Snapshot target) {
    return new Message.Push(epoch(5), base.deltaTo(target));
  }

  /** Rule P23: encoded once, so it must be one object. */
  @Test
  void followersWithTheSameBaseGetTheSameObject() {
    hello(1, V1.version());
    hello(2, V1.version());
    hello(3, V2.version());
    assertThat(push(V2)).containsExactly(send(1, push(V1, V2)), send(2, push(V1, V2)));
    assertThat(((Effect.Send) out.get(0)).message()).isSameAs(((Effect.Send) out.get(1)).message());
    assertThat(push(V2)).as("told once").isEmpty();
  }

  @Test
  void smallConfigGoesOverTheLink() {
    hello(1, Version.NONE);
    assertThat(push(V2)).containsExactly(send(1, push(Snapshot.NONE, V2)));
  }

  @Test
  void largeConfigIsFetched() {
    Snapshot large = Snapshot.of(version(3), config("x", 300));
    hello(1, Version.NONE);
    assertThat(push(large)).containsExactly(send(1, welcome(1, large)));
    Snapshot largest = Snapshot.of(version(4), config("x", 256));
    hello(2, Version.NONE);
    assertThat(push(largest)).contains(send(2, push(Snapshot.NONE, largest)));
  }

  @Test
  void unknownBaseIsToldToFetch() {
    history = History.EMPTY.with(V2, at(1));
    hello(1, V1.version());
    assertThat(push(V2)).containsExactly(send(1, welcome(1, V2)));
  }

  /** Rule P23. */
  @Test
  void changesCoalesceForWhoDoesNotAnswer() {
    hello(1, V1.version());
    for (int i = 2; i <= 5; i++) {
      history = history.with(snapshot(i, "v" + i), at(i));
      assertThat(push(snapshot(i, "v" + i))).hasSize(1);
    }
    history = history.with(snapshot(6, "v6"), at(6));
    assertThat(push(snapshot(6, "v6"))).isEmpty();
    history = history.with(snapshot(7, "v7"), at(7));
    assertThat(push(snapshot(7, "v7"))).isEmpty();
    pushes = pushes.onAnswer(new LinkId(1), version(3));
    assertThat(push(snapshot(7, "v7")))
        .containsExactly(send(1, push(snapshot(5, "v5"), snapshot(7, "v7"))));
  }

  @Test
  void resyncIsAnsweredWithTheWhole() {
    hello(1, V2.version());
    pushes = pushes.resync(new LinkId(1), V2, SOURCES, out);
    assertThat(out).containsExactly(send(1, welcome(1, V2)));
    assertThat(push(V2)).as("it is told already").isEmpty();
  }

  @Test
  void lostLinkGetsNothing() {
    hello(1, V1.version());
    pushes = pushes.onLinkLost(new LinkId(1));
    assertThat(push(V2)).isEmpty();
    assertThat(pushes.onAnswer(new LinkId(1), V1.version())).isEqualTo(pushes);
    assertThat(pushes.resync(new LinkId(1), V2, SOURCES, out)).isEqualTo(pushes);
    assertThat(out).isEmpty();
  }
}
