package dev.lockstep.core.lease;

import static dev.lockstep.core.sample.Samples.at;
import static dev.lockstep.core.sample.Samples.blankLease;
import static dev.lockstep.core.sample.Samples.identity;
import static dev.lockstep.core.sample.Samples.replica;
import static dev.lockstep.core.sample.Samples.written;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.Lease;
import dev.lockstep.core.protocol.Timings;
import java.util.ArrayList;
import java.util.List;

/** Drives an {@link Election} as a replica does: one step after the other, at given moments. */
final class LeaseDriver {
  final Election election = new Election(identity(1), Timings.STANDARD);

  /** {@return what is due then} */
  List<Effect> advance(long millis) {
    List<Effect> out = new ArrayList<>();
    election.advance(at(millis), out);
    return out;
  }

  /** {@return what a read answered then leads to at once} */
  List<Effect> read(Lease seen, long millis) {
    List<Effect> out = new ArrayList<>();
    election.onRead(seen, at(millis), out);
    return out;
  }

  /** {@return the write that is due then and nothing else is} */
  Lease writeAt(long millis) {
    List<Effect> effects = advance(millis);
    assertThat(effects).hasSize(1);
    assertThat(effects.getFirst()).isInstanceOf(Effect.WriteLease.class);
    return ((Effect.WriteLease) effects.getFirst()).lease();
  }

  /** A candidate reads the Lease for the first time, or polls it. */
  void watch(Lease seen, long millis) {
    election.campaign(true);
    assertThat(advance(millis)).containsExactly(new Effect.ReadLease());
    read(seen, millis);
  }

  /** {@return the take-over as it was sent, half a second after the Lease was read first} */
  Lease takeOver(Lease free) {
    election.rank(List.of(replica(1)));
    watch(free, 0);
    return writeAt(500);
  }

  /** {@return the Lease that this replica holds, confirmed by a write that was sent at 500 ms} */
  Lease lead() {
    Lease held = written(takeOver(blankLease(7)), 8);
    election.onWritten(held, at(510));
    return held;
  }
}
