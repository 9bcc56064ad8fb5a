package dev.lockstep.sim.scope;

import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.Observation;
import dev.lockstep.core.protocol.Question;
import dev.lockstep.sim.Convergence;
import dev.lockstep.sim.engine.Arrival;
import dev.lockstep.sim.engine.Dice;
import dev.lockstep.sim.engine.Knobs;
import dev.lockstep.sim.engine.Scheduler;
import dev.lockstep.sim.engine.Trace;
import dev.lockstep.sim.invariant.Mesh;
import dev.lockstep.sim.world.ApiServer;
import dev.lockstep.sim.world.SimShell;
import dev.lockstep.sim.world.World;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * One run of a small scope. All replicas start at once; an object is written, and later deleted;
 * everybody is asked again and again whether that is live. Meanwhile the choices decide what goes
 * wrong. In the end all is mended, and the mesh must converge and say so.
 */
final class Story {

  /** From here on, an endpoint takes as long as it may to be removed. */
  private static final long SETTLED = Scheduler.millis(350);

  private static final long WRITTEN = Scheduler.millis(400);
  private static final long DELETED = Scheduler.millis(1800);

  /** Nothing begins to go wrong later than this, or so long after what went wrong before. */
  private static final long WINDOW = Scheduler.millis(2100);

  private static final long REACH = Scheduler.millis(1600);
  private static final long LAST_QUESTION = Scheduler.millis(4500);
  private static final Duration LIMIT =
      Scope.TIMINGS.fenceTime().plus(Scope.TIMINGS.drainTime()).multipliedBy(8);

  private final Scope scope;
  private final Choices choices;
  private final World world;
  private final Stage stage;
  private final Watcher watcher;
  private long window = WINDOW;
  private int spent;
  private boolean over;
  private boolean pointless;

  Story(Scope scope, Choices choices, States states, Trace trace) {
    this.scope = scope;
    this.choices = choices;
    FixedDraws draws = new FixedDraws(scope.pace());
    Knobs knobs = Knobs.calm(scope.replicas(), Scope.TIMINGS);
    this.world = new World(new Scheduler(new Dice(draws)), knobs, scope.broken(), trace);
    this.stage = new Stage(world, draws);
    this.watcher = new Watcher(world, states);
  }

  /** Runs it to its end; {@return whether it was worth while: no choice turned out to be vain} */
  boolean run() {
    world.watch(watcher);
    if (scope.has(Scope.Point.EVERY_REQUEST)) {
      world.api().setFates(this::decideFate);
    }
    if (scope.has(Scope.Point.EVERY_EFFECT)) {
      world.processes().setDeaths(this::decideDeath);
    }
    world.start();
    write();
    while (!pointless && decideWhatIsNext() && world.runNext(window)) {
      // Each event counts.
    }
    over = true;
    while (!pointless && !stage.isMended()) {
      world.runNext(Long.MAX_VALUE);
    }
    if (!pointless) {
      Convergence convergence = new Convergence(world);
      convergence.await(LIMIT);
      convergence.expectOpen();
    }
    return !pointless;
  }

  World world() {
    return world;
  }

  // The script.

  private void write() {
    at(SETTLED, () -> stage.draws().setProbabilities(0.25));
    at(SETTLED, () -> askEverybody(new Question.AtCurrent()));
    at(
        WRITTEN,
        () -> {
          long revision = world.sources().write(World.object(0), Mesh.Form.ROUTED);
          askEverybody(object(Optional.of(revision), Observation.State.PRESENT));
        });
    at(
        DELETED,
        () -> {
          world.sources().delete(World.object(0));
          askEverybody(object(Optional.empty(), Observation.State.ABSENT));
        });
    long pause = Scope.TIMINGS.heartbeatPeriod().toNanos();
    for (long time = WRITTEN + pause / 10; time < LAST_QUESTION; time += pause) {
      Observation.State state =
          time < DELETED ? Observation.State.PRESENT : Observation.State.ABSENT;
      at(time, () -> askEverybody(object(Optional.empty(), state)));
      at(time + pause / 3, () -> askEverybody(new Question.AtCurrent()));
    }
  }

  private void at(long time, Runnable action) {
    world.scheduler().at(time, action);
  }

  private static Question.AtObject object(Optional<Long> revision, Observation.State state) {
    return new Question.AtObject(World.object(0), revision, state);
  }

  private void askEverybody(Question.About about) {
    for (SimShell shell : world.running()) {
      world.questions().ask(shell, about, Scope.TIMINGS.fenceTime().multipliedBy(2), 0);
    }
  }

  // What is open.

  private boolean decideWhatIsNext() {
    boolean spoke = watcher.takeSpoke();
    if (scope.has(Scope.Point.EVERY_EVENT) || (scope.has(Scope.Point.EVERY_WORD) && spoke)) {
      decideFaults();
    }
    if (scope.has(Scope.Point.EVERY_ARRIVAL)) {
      decideArrivals();
    }
    return !pointless;
  }

  /** Two at the same moment come in the order of the menu. */
  private void decideFaults() {
    int done = 0;
    while (isOpen() && !pointless && done < scope.faults().size()) {
      int choice = choose(scope.faults().size() - done);
      if (choice == 0) {
        return;
      }
      done += choice;
      Fault fault = scope.faults().get(done - 1);
      world.trace("choice", fault);
      pointless = !fault.act().on(stage);
    }
  }

  private void decideArrivals() {
    Optional<Arrival> next = world.scheduler().nextArrival(window);
    while (isOpen() && !pointless && next.isPresent()) {
      long slack = next.get().slack();
      List<Duration> late =
          scope.postponements().stream().filter(time -> time.toNanos() <= slack).toList();
      int choice = late.isEmpty() ? 0 : choose(late.size());
      if (choice == 0) {
        return;
      }
      world.trace("choice", "what comes next is late by " + late.get(choice - 1));
      pointless = !world.scheduler().postponeNext(late.get(choice - 1).toNanos());
      next = world.scheduler().nextArrival(window);
    }
  }

  private ApiServer.Fate decideFate() {
    int choice = isOpen() ? choose(scope.fates().size()) : 0;
    if (choice == 0) {
      return ApiServer.Fate.ANSWERED;
    }
    world.trace("choice", "the request that comes now: " + scope.fates().get(choice - 1));
    return scope.fates().get(choice - 1);
  }

  private boolean decideDeath(Effect next) {
    boolean dies = isOpen() && choose(1) == 1;
    if (dies) {
      world.trace("choice", "the process dies before " + next);
    }
    return dies;
  }

  /** {@return 0 for nothing, or which of so many ways, from 1} */
  private int choose(int ways) {
    int choice = choices.choose(ways + 1);
    if (choice > 0) {
      spent++;
      window = Math.max(WINDOW, world.scheduler().now() + REACH);
    }
    return choice;
  }

  private boolean isOpen() {
    return !over && spent < scope.troubles() && world.scheduler().now() <= window;
  }
}
