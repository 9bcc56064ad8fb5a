package dev.lockstep.sim.world;

import dev.lockstep.core.config.Delta;
import dev.lockstep.core.config.Digest;
import dev.lockstep.core.config.Entry;
import dev.lockstep.core.config.Epoch;
import dev.lockstep.core.config.RouterConfig;
import dev.lockstep.core.config.Snapshot;
import dev.lockstep.core.config.Version;
import dev.lockstep.core.protocol.Address;
import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.Event;
import dev.lockstep.core.protocol.LinkId;
import dev.lockstep.core.protocol.Message;
import dev.lockstep.core.protocol.ReplicaId;
import dev.lockstep.sim.engine.Mark;
import dev.lockstep.sim.engine.Scheduler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Connections between replicas: ordered, reliable, delayed. A cut holds what is under way; a
 * connection can break on both sides, or on one side only, without the other knowing.
 */
public final class SimNetwork {

  /** How often a token must be reviewed anew, which needs the API server. */
  private static final double REVIEW_FORGOTTEN = 0.5;

  private record Direction(int from, int to) {}

  private final World world;
  private final Scheduler scheduler;
  private final Set<Direction> cuts = new LinkedHashSet<>();
  private final List<SimLink> links = new ArrayList<>();
  private boolean spoils;
  private long fetchDelay;

  SimNetwork(World world) {
    this.world = world;
    this.scheduler = world.scheduler();
  }

  // Faults.

  /** Cuts, or mends, the way from one pod's place to another's. */
  public void setCut(int from, int to, boolean cut) {
    boolean changed =
        cut ? cuts.add(new Direction(from, to)) : cuts.remove(new Direction(from, to));
    if (changed) {
      for (SimLink link : links) {
        link.directionChanged(from, to, cut);
      }
    }
  }

  /** The next push lacks an entry: so would that of a leader which computes deltas wrong. */
  public void spoilNextPush() {
    spoils = true;
  }

  /** From now on a snapshot takes so much longer on its way. */
  public void delayFetches(Duration delay) {
    fetchDelay = delay.toNanos();
  }

  /** {@return what arrives of this message} */
  Message carried(Message message) {
    if (!spoils || !(message instanceof Message.Push(Epoch epoch, Delta delta))) {
      return message;
    }
    spoils = false;
    List<Entry> puts = delta.changes().puts();
    RouterConfig.Changes less =
        new RouterConfig.Changes(
            puts.subList(0, Math.max(0, puts.size() - 1)), delta.changes().removals());
    return new Message.Push(epoch, new Delta(delta.base(), delta.target(), delta.digest(), less));
  }

  /** Mends everything. */
  public void mendAll() {
    for (Direction cut : List.copyOf(cuts)) {
      setCut(cut.from, cut.to, false);
    }
  }

  /** Breaks some connection; {@return whether there was one} */
  public boolean breakOne(boolean oneSided) {
    if (!links.isEmpty()) {
      world.mark(oneSided ? Mark.HALF_OPEN : Mark.CONNECTION_RESET);
      links.get(scheduler.below(links.size())).reset(oneSided);
      return true;
    }
    return false;
  }

  boolean isCut(SimShell from, SimShell to) {
    return cuts.contains(new Direction(from.pod().slot(), to.pod().slot()));
  }

  /** What is on its way. */
  @FunctionalInterface
  public interface Traffic {
    /** Is called with two places, and how many messages are between them. */
    void on(int from, int to, int messages);
  }

  /** Shows what is on its way on each connection, one direction after the other. */
  public void underWay(Traffic each) {
    links.forEach(link -> link.underWay(each));
  }

  // What a shell asks for.

  void connect(SimShell from, LinkId id, Address address) {
    SimLink link = new SimLink(world, from, id);
    from.links().put(id, link);
    from.outside(world.delay(world.knobs().networkDelay()), () -> arrive(link, address));
  }

  private void arrive(SimLink link, Address address) {
    SimShell from = link.follower();
    Optional<SimShell> target = processAt(address);
    if (!from.isAlive()) {
      return;
    }
    if (target.isEmpty() && !isAnybodyAt(address)) {
      hang(link);
    } else if (target.isEmpty()) {
      world.mark(Mark.CONNECT_REFUSED);
      link.fail("refused");
    } else if (isCut(from, target.get()) || isCut(target.get(), from) || target.get().isPaused()) {
      hang(link);
    } else if (!target.get().identity().address().spkiSha256().equals(address.spkiSha256())) {
      world.mark(Mark.CONNECT_WRONG_KEY);
      link.fail("another key");
    } else if (from.pod().tokenHasExpired()) {
      world.mark(Mark.TOKEN_REFUSED);
      link.fail("401");
    } else if (!world.api().reaches(target.get()) && scheduler.chance(REVIEW_FORGOTTEN)) {
      world.mark(Mark.TOKEN_UNCHECKED);
      link.fail("503");
    } else {
      links.add(link);
      link.accept(target.get());
    }
  }

  private void hang(SimLink link) {
    world.mark(Mark.CONNECT_HUNG);
    long limit = world.knobs().timings().linkSilence().toNanos();
    link.follower().after(scheduler.between(limit / 2, limit), () -> link.fail("timeout"));
  }

  private boolean isAnybodyAt(Address address) {
    return world.pods().byMesh(address.mesh()).map(SimPod::exists).orElse(false);
  }

  private Optional<SimShell> processAt(Address address) {
    return world.pods().byMesh(address.mesh()).flatMap(SimPod::process);
  }

  void forget(SimLink link) {
    links.remove(link);
  }

  /** All ports are tried one after the other; only if all refuse, nobody holds them. */
  void probe(SimShell from, ReplicaId replica, Address address) {
    from.outside(
        world.delay(world.knobs().networkDelay()),
        () -> {
          boolean first = refuses(from, address);
          from.after(
              world.delay(world.knobs().networkDelay()),
              () -> report(from, replica, first && refuses(from, address)));
        });
  }

  private boolean refuses(SimShell from, Address address) {
    Optional<SimPod> pod = world.pods().byMesh(address.mesh());
    if (pod.isEmpty() || !pod.get().exists()) {
      return false; // Nobody answers for an address that is not there: silence.
    }
    boolean cut =
        cuts.contains(new Direction(from.pod().slot(), pod.get().slot()))
            || cuts.contains(new Direction(pod.get().slot(), from.pod().slot()));
    return !cut && pod.get().process().isEmpty();
  }

  private void report(SimShell from, ReplicaId replica, boolean gone) {
    if (gone) {
      world.mark(Mark.PROBE_GONE);
    }
    from.deliver(new Event.Probed(replica, gone ? Event.Evidence.GONE : Event.Evidence.UNCERTAIN));
  }

  void fetch(SimShell from, Effect.FetchSnapshot wanted) {
    tryNext(from, wanted, wanted.sources().iterator());
  }

  private void tryNext(SimShell from, Effect.FetchSnapshot wanted, Iterator<Address> sources) {
    if (!sources.hasNext()) {
      world.mark(Mark.SNAPSHOT_FETCH_FAILED);
      from.deliver(
          new Event.SnapshotFetchFailed(wanted.version(), wanted.digest(), "nobody has it"));
      return;
    }
    Optional<SimShell> source =
        processAt(sources.next()).filter(process -> !from.pod().tokenHasExpired());
    boolean silent =
        source.isPresent()
            && (isCut(from, source.get()) || isCut(source.get(), from) || source.get().isPaused());
    long patience = world.knobs().timings().linkSilence().toNanos() / 2;
    long there = silent ? patience : 2 * world.delay(world.knobs().networkDelay());
    from.after(
        there,
        () -> {
          Optional<Snapshot> found =
              silent || !world.reads(from.pod(), wanted.digest())
                  ? Optional.empty()
                  : source.flatMap(s -> held(s, wanted.digest()));
          if (found.isPresent()) {
            world.mark(Mark.SNAPSHOT_FETCHED);
            arrived(from, wanted.version(), found.get());
          } else {
            tryNext(from, wanted, sources);
          }
        });
  }

  private void arrived(SimShell at, Version version, Snapshot held) {
    Event whole = new Event.SnapshotFetched(new Snapshot(version, held.digest(), held.config()));
    if (fetchDelay == 0) {
      at.deliver(whole);
    } else {
      at.after(fetchDelay, () -> at.deliver(whole));
    }
  }

  private static Optional<Snapshot> held(SimShell source, Digest digest) {
    return source.isAlive() ? source.dataPlane().held(digest) : Optional.empty();
  }
}
