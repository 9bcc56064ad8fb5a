package dev.lockstep.sim.world;

import dev.lockstep.core.config.ConfigProblem;
import dev.lockstep.core.config.Digest;
import dev.lockstep.core.config.Snapshot;
import dev.lockstep.core.config.Version;
import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.Event;
import dev.lockstep.core.protocol.NanoTime;
import dev.lockstep.sim.engine.Mark;
import dev.lockstep.sim.engine.Rule;
import dev.lockstep.sim.engine.Scheduler;
import dev.lockstep.sim.invariant.Fact;
import dev.lockstep.sim.invariant.Mesh;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The request path of one process: two event loops that change their table one after the other, a
 * disk before them, and the guard that notices a pause.
 */
final class DataPlane {

  private static final int LOOPS = 2;
  private static final int HELD = 3;
  private static final long ONE_REQUEST = Scheduler.millis(10);

  /** A client's open connection: served by one loop, until its time to retire has come. */
  static final class Connection {
    private final SimShell process;
    private final int loop;
    private long retiresAt = Long.MAX_VALUE;

    private Connection(SimShell process, int loop) {
      this.process = process;
      this.loop = loop;
    }

    boolean isOpen(long now) {
      return process.isAlive() && now < retiresAt;
    }

    void close() {
      retiresAt = 0;
    }
  }

  private final World world;
  private final SimShell shell;
  private final Snapshot[] loops = new Snapshot[LOOPS];
  private final ArrayDeque<Effect.Install> waiting = new ArrayDeque<>();
  private final Map<Digest, Snapshot> held = new LinkedHashMap<>();
  private final List<Connection> connections = new ArrayList<>();
  private boolean installing;
  private boolean retiring;
  private Effect.Admission admission = Effect.Admission.REFUSE;
  private int pausesUnseen;
  private boolean guarded;

  /** Since when the machine's thread has stood still alone; {@link NanoTime#NEVER} if it runs. */
  private NanoTime aloneSince = NanoTime.NEVER;

  DataPlane(World world, SimShell shell) {
    this.world = world;
    this.shell = shell;
    java.util.Arrays.fill(loops, Snapshot.NONE);
  }

  // What clients meet.

  boolean takesRequests() {
    return admission == Effect.Admission.ACCEPT && !guarded && !isLeftAlone();
  }

  /** The request path looks at the machine's last step. */
  private boolean isLeftAlone() {
    return aloneSince != NanoTime.NEVER
        && shell.now().isAtOrAfter(aloneSince.plus(world.knobs().timings().fenceTime()));
  }

  /** {@return whether its event loops run} */
  boolean isRunning() {
    return !shell.isPaused() || aloneSince != NanoTime.NEVER;
  }

  Version served() {
    return Version.min(loops[0].version(), loops[1].version());
  }

  Connection connect() {
    Connection connection = new Connection(shell, world.scheduler().below(LOOPS));
    if (retiring || admission == Effect.Admission.REFUSE) {
      connection.retiresAt = world.scheduler().now() + ONE_REQUEST;
    }
    connections.add(connection);
    return connection;
  }

  /** Shows what a request could meet on each loop that a client can reach. */
  void expose(boolean listed, Mesh.Exposure each) {
    if (!takesRequests()) {
      return;
    }
    if (listed) {
      for (Snapshot snapshot : loops) {
        each.at(shell.id(), snapshot.version());
      }
    }
    for (Connection connection : connections) {
      if (connection.isOpen(world.scheduler().now())) {
        each.at(shell.id(), loops[connection.loop].version());
      }
    }
  }

  Optional<Snapshot> held(Digest digest) {
    return Optional.ofNullable(held.get(digest));
  }

  // What the machine asks for.

  void admit(Effect.Admission admission) {
    this.admission = admission;
    if (admission == Effect.Admission.REFUSE) {
      world.mark(Mark.REQUESTS_REFUSED);
      connections.forEach(Connection::close);
      return;
    }
    retiring = false;
    if (pausesUnseen == 0) {
      guarded = false;
    }
  }

  /**
   * Each connection gets its own moment to end, which the request path honours even when the timer
   * is late; connections that come later serve one request, until the machine admits requests anew.
   */
  void retire(Duration over) {
    world.mark(Mark.CONNECTIONS_RETIRED);
    retiring = true;
    long now = world.scheduler().now();
    connections.removeIf(connection -> !connection.isOpen(now));
    for (Connection connection : connections) {
      long end = now + world.scheduler().between(0, over.toNanos());
      connection.retiresAt = Math.min(connection.retiresAt, end);
    }
  }

  void install(Effect.Install install) {
    waiting.add(install);
    if (!installing) {
      next();
    }
  }

  boolean isInstalling() {
    return installing;
  }

  private void next() {
    Effect.Install install = waiting.poll();
    installing = install != null;
    if (install == null) {
      return;
    }
    Snapshot snapshot = install.snapshot();
    long time = world.delay(world.knobs().installTime());
    if (shell.pod().takesLongToInstall()) {
      world.mark(Mark.INSTALL_SLOW);
      time += world.scheduler().between(0, 2 * world.knobs().timings().fenceTime().toNanos());
    }
    if (world.sources().holds(snapshot.digest(), Mesh.Form.POISON)) {
      world.mark(Mark.POISON_REFUSED);
      shell.after(time, () -> fail(snapshot.version(), "poison"));
    } else if (shell.pod().failsToInstall()) {
      world.mark(Mark.INSTALL_FAILED);
      shell.after(time, () -> fail(snapshot.version(), "out of luck"));
    } else {
      write(snapshot, time);
    }
  }

  private void write(Snapshot snapshot, long time) {
    long share = Math.max(1, time / 4);
    boolean durableFirst = world.keeps(Rule.DURABLE_BEFORE_ACK);
    shell.after(
        durableFirst ? share : 100 * time, () -> shell.pod().setDisk(Optional.of(snapshot)));
    shell.after(2 * share, () -> hold(snapshot));
    shell.after(world.scheduler().between(2 * share, 3 * share), () -> serve(0, snapshot));
    shell.after(
        3 * share,
        () -> {
          serve(1, snapshot);
          shell.after(share, () -> done(snapshot.version()));
        });
  }

  private void serve(int loop, Snapshot snapshot) {
    loops[loop] = snapshot;
    world.fact(new Fact.LoopServes(shell.id(), shell.podId(), loop, snapshot));
  }

  private void hold(Snapshot snapshot) {
    held.put(snapshot.digest(), snapshot);
    if (held.size() > HELD) {
      held.remove(held.keySet().iterator().next());
    }
  }

  private void done(Version version) {
    shell.deliver(new Event.Installed(version));
    next();
  }

  private void fail(Version version, String reason) {
    shell.deliver(
        new Event.InstallFailed(version, List.of(new ConfigProblem("data plane", reason))));
    next();
  }

  // Pauses.

  /** The machine's thread, if it runs, stands still from now on, and it alone. */
  void goOnAlone() {
    aloneSince = shell.isPaused() ? aloneSince : shell.now();
  }

  /** Woken after a gap in its own time; the loops notice before they serve anything. */
  void woken(long gap) {
    aloneSince = NanoTime.NEVER;
    if (gap > world.knobs().timings().fenceTime().toNanos()) {
      world.mark(Mark.GUARD_TRIPPED);
      guarded = true;
      pausesUnseen++;
      shell.after(world.delay(Scheduler.millis(1)), () -> shell.deliver(new Event.LoopPaused()));
    }
  }

  /** The machine has been told; its next word on admission counts. */
  void pauseSeen() {
    pausesUnseen--;
  }
}
