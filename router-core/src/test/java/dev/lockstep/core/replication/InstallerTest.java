package dev.lockstep.core.replication;

import static dev.lockstep.core.sample.Samples.at;
import static dev.lockstep.core.sample.Samples.snapshot;
import static dev.lockstep.core.sample.Samples.version;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.core.config.Snapshot;
import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.NanoTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** From held to served: one install at a time, the newest next. */
final class InstallerTest {
  private static final Snapshot V1 = snapshot(1, "a");
  private static final Snapshot V2 = snapshot(2, "b");
  private static final Snapshot V3 = snapshot(3, "c");

  private final List<Effect> out = new ArrayList<>();

  private Installer advance(Installer installer, long millis) {
    out.clear();
    return installer.advance(at(millis), out);
  }

  /** Rule P22. */
  @Test
  void newestOfWhatCameMeanwhileIsNext() {
    Installer state = advance(Installer.EMPTY.hold(V1), 0);
    assertThat(out).containsExactly(new Effect.Install(V1, Optional.empty()));
    state = advance(state.hold(V2).hold(V3), 1);
    assertThat(out).isEmpty();
    assertThat(state.served()).isEqualTo(Snapshot.NONE);
    state = advance(state.onInstalled(V1.version()), 2);
    assertThat(out).containsExactly(new Effect.Install(V3, Optional.of(V1.version())));
    state = advance(state.onInstalled(V3.version()), 3);
    assertThat(out).isEmpty();
    assertThat(state).isEqualTo(new Installer(V3, V3, Optional.empty(), Optional.empty()));
    assertThat(state.nextDeadline()).isEqualTo(NanoTime.NEVER);
  }

  /** Rule P22. */
  @Test
  void refusedVersionLeavesTheOldOneServingAndIsTriedAgain() {
    Installer state = advance(Installer.EMPTY.hold(V1), 0).onInstalled(V1.version());
    state = advance(state.hold(V2), 1).onFailed(V2.version(), at(5_001));
    state = advance(state, 2);
    assertThat(out).isEmpty();
    assertThat(state.served()).isEqualTo(V1);
    assertThat(state.nextDeadline()).isEqualTo(at(5_001));
    state = advance(state, 5_001);
    assertThat(out).containsExactly(new Effect.Install(V2, Optional.of(V1.version())));
    assertThat(state.onInstalled(V2.version()).refused()).isEmpty();
  }

  @Test
  void newerVersionDoesNotWaitForTheRefusedOne() {
    Installer state = advance(Installer.EMPTY.hold(V1), 0).onFailed(V1.version(), at(5_000));
    advance(state.hold(V2), 1);
    assertThat(out).containsExactly(new Effect.Install(V2, Optional.empty()));
  }

  @Test
  void nothingGoesBack() {
    Installer state = Installer.EMPTY.hold(V2);
    assertThatThrownBy(() -> state.hold(V1)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> state.onInstalled(version(9))).isInstanceOf(RuntimeException.class);
    Installer installing = advance(state, 0);
    assertThatThrownBy(() -> installing.onInstalled(V1.version()))
        .as("another one than was asked for")
        .isInstanceOf(RuntimeException.class);
  }
}
