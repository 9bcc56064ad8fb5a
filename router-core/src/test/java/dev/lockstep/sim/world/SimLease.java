package dev.lockstep.sim.world;

import dev.lockstep.core.config.Digest;
import dev.lockstep.core.config.Epoch;
import dev.lockstep.core.config.Version;
import dev.lockstep.core.protocol.Event;
import dev.lockstep.core.protocol.Lease;
import dev.lockstep.sim.engine.Mark;
import dev.lockstep.sim.invariant.Fact;
import dev.lockstep.sim.invariant.Violation;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * The one Lease in the API server: a register with compare-and-swap on uid and resourceVersion,
 * that people with kubectl can also edit, delete and roll back.
 */
public final class SimLease {

  private final World world;
  private final List<Lease> history = new ArrayList<>();
  private Optional<Lease> object = Optional.empty();
  private int lineage;

  SimLease(World world) {
    this.world = world;
    createBlank();
  }

  /** {@return the object as it is now} */
  public Optional<Lease> object() {
    return object;
  }

  /** Deletes it by hand. */
  public void delete() {
    world.trace("kubectl", "delete lease");
    world.mark(Mark.LEASE_DELETED);
    world.api().nextRevision();
    object = Optional.empty();
  }

  /** Edits it by hand; uid and resourceVersion are the server's. */
  public void edit(UnaryOperator<Lease> change) {
    object.ifPresent(
        lease -> {
          Lease edited = change.apply(lease).at(lease.uid(), world.api().nextRevision());
          world.trace("kubectl", "edit lease -> " + edited);
          object = Optional.of(edited);
          world.fact(new Fact.LeaseEdited(edited));
        });
  }

  /**
   * Puts the content of an older state in its place, as a backup tool or an old manifest would;
   * {@return whether there was one}
   */
  public boolean rollBack() {
    boolean possible = object.isPresent() && !history.isEmpty();
    if (possible) {
      world.mark(Mark.LEASE_ROLLED_BACK);
      Lease old = history.get(world.scheduler().below(history.size()));
      edit(now -> old);
    }
    return possible;
  }

  void read(SimShell shell) {
    world
        .api()
        .send(
            begin(shell),
            () -> {
              Event answer = found();
              return () -> end(shell, answer);
            },
            reason -> end(shell, new Event.LeaseReadFailed(reason)));
  }

  void create(SimShell shell) {
    world
        .api()
        .send(
            begin(shell),
            () -> {
              if (object.isEmpty()) {
                world.mark(Mark.LEASE_RECREATED);
                createBlank();
              }
              Event answer = found();
              return () -> end(shell, answer);
            },
            reason -> end(shell, new Event.LeaseReadFailed(reason)));
  }

  void write(SimShell shell, Lease wanted) {
    if (wanted.duration().getNano() != 0 || !wanted.duration().isPositive()) {
      throw new Violation("the API server takes whole positive seconds only: " + wanted);
    }
    begin(shell);
    if (object.filter(now -> !wanted.version().isAfter(now.version())).isEmpty()) {
      shell.setCommitting();
    }
    world
        .api()
        .send(
            shell,
            () -> {
              Event answer = compareAndSwap(wanted);
              if (answer instanceof Event.LeaseWritten
                  && wanted.holder().filter(holder -> !holder.equals(shell.id())).isPresent()) {
                world.mark(Mark.HANDED_OVER);
              }
              return () -> end(shell, answer);
            },
            reason -> end(shell, new Event.LeaseWriteUnresolved(reason)));
  }

  private Event found() {
    return object.<Event>map(Event.LeaseRead::new).orElseGet(Event.LeaseMissing::new);
  }

  private Event compareAndSwap(Lease wanted) {
    if (object.isEmpty()) {
      return new Event.LeaseWriteUnresolved("404");
    }
    Lease now = object.get();
    boolean same =
        now.uid().equals(wanted.uid()) && now.resourceVersion() == wanted.resourceVersion();
    if (!same) {
      world.mark(Mark.LEASE_CONFLICT);
      return new Event.LeaseWriteUnresolved("409");
    }
    Lease stored = wanted.at(now.uid(), world.api().nextRevision());
    object = Optional.of(stored);
    history.add(stored);
    world.trace("api", stored);
    world.fact(new Fact.LeaseCommitted(stored));
    return new Event.LeaseWritten(stored);
  }

  private SimShell begin(SimShell shell) {
    if (shell.leaseRequestUnderWay()) {
      throw new Violation(shell + " has two requests about the Lease under way");
    }
    shell.setLeaseRequestUnderWay(true);
    return shell;
  }

  private static void end(SimShell shell, Event outcome) {
    shell.setLeaseRequestUnderWay(false);
    shell.deliver(outcome);
  }

  private void createBlank() {
    long revision = world.api().nextRevision();
    object =
        Optional.of(
            new Lease(
                "lease-" + ++lineage,
                revision,
                Optional.empty(),
                world.knobs().timings().leaseDuration(),
                Epoch.NONE,
                Version.NONE,
                Optional.<Digest>empty(),
                "",
                Optional.empty(),
                List.of()));
  }
}
