package dev.lockstep.sim.scope;

import dev.lockstep.core.config.Epoch;
import dev.lockstep.core.config.Version;
import dev.lockstep.core.protocol.Identity;
import dev.lockstep.core.protocol.Lease;
import dev.lockstep.sim.world.SimShell;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** What people and tools can do to the Lease. */
final class LeaseFaults {

  private static final int OLDER = 6;
  private static final int FURTHER = 5;

  private LeaseFaults() {}

  static List<Fault> all(int replicas) {
    List<Fault> all = new ArrayList<>();
    for (int place = 0; place < replicas; place++) {
      all.add(named(place));
    }
    for (int older = 0; older < OLDER; older++) {
      all.add(rollBack(older));
    }
    all.add(new Fault("the Lease is deleted", LeaseFaults::delete));
    all.add(edit("is touched", lease -> lease));
    all.add(edit("is released", Lease::released));
    all.add(
        edit(
            "gets another nonce",
            lease -> lease.forWrite("by hand", lease.duration(), lease.successors())));
    all.add(edit("gets a higher epoch", lease -> withEpoch(lease, FURTHER)));
    all.add(edit("gets a lower epoch", lease -> withEpoch(lease, -1)));
    all.add(edit("gets a higher version", lease -> withVersion(lease, FURTHER)));
    all.add(edit("gets a lower version", lease -> withVersion(lease, -1)));
    return all;
  }

  /** {@return the Lease as it was after the write with this number, from 0} */
  static Fault rollBack(int older) {
    return new Fault(
        "the Lease is put back to what write " + older + " made it",
        stage -> {
          stage.draws().pin(older);
          boolean possible = stage.world().lease().rollBack();
          return stage.draws().free() && possible;
        });
  }

  /** {@return another holder's name on it, who did not ask; or the holder's once more} */
  static Fault named(int place) {
    return new Fault(
        "the Lease is made to name " + Fault.replica(place),
        stage -> {
          Optional<Identity> self = stage.running(place).map(SimShell::view).map(v -> v.self());
          self.ifPresent(
              id ->
                  stage
                      .world()
                      .lease()
                      .edit(lease -> lease.heldBy(id.replica(), id.address(), lease.epoch())));
          return self.isPresent();
        });
  }

  private static boolean delete(Stage stage) {
    boolean there = stage.world().lease().object().isPresent();
    stage.world().lease().delete();
    return there;
  }

  /** An edit that the Lease as it is does not allow is a touch, which is there already. */
  private static Fault edit(String how, UnaryOperator<Lease> change) {
    return new Fault(
        "the Lease " + how,
        stage -> {
          Optional<Lease> before = stage.world().lease().object();
          stage.world().lease().edit(change);
          return before.isPresent() && (how.equals("is touched") || differs(before.get(), change));
        });
  }

  private static boolean differs(Lease before, UnaryOperator<Lease> change) {
    return !change.apply(before).equals(before);
  }

  private static Lease withEpoch(Lease lease, int further) {
    boolean possible = lease.holder().isPresent() && lease.leader().isPresent();
    return possible && lease.epoch().value() + further >= 0
        ? lease.heldBy(
            lease.holder().get(), lease.leader().get(), new Epoch(lease.epoch().value() + further))
        : lease;
  }

  private static Lease withVersion(Lease lease, int further) {
    return lease.digest().isPresent() && lease.version().value() + further >= 0
        ? lease.withVersion(new Version(lease.version().value() + further), lease.digest().get())
        : lease;
  }
}
