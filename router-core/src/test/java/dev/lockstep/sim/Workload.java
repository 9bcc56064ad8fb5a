package dev.lockstep.sim;

import dev.lockstep.core.config.ObjectKey;
import dev.lockstep.core.config.Version;
import dev.lockstep.core.protocol.Lease;
import dev.lockstep.core.protocol.Observation;
import dev.lockstep.core.protocol.Question;
import dev.lockstep.sim.engine.Scheduler;
import dev.lockstep.sim.invariant.Mesh;
import dev.lockstep.sim.world.SimShell;
import dev.lockstep.sim.world.World;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Users: they write objects, sometimes many at once, and ask whether they are live. */
final class Workload {

  static final int OBJECTS = 6;

  private final World world;
  private final Scheduler scheduler;
  private final long pause;
  private boolean stopped;

  Workload(World world) {
    this.world = world;
    this.scheduler = world.scheduler();
    this.pause = scheduler.between(Scheduler.millis(100), Scheduler.millis(1500));
  }

  void start() {
    act();
  }

  /** Stops, and leaves objects behind that can all be served. */
  void stop() {
    stopped = true;
    for (int i = 0; i < OBJECTS; i++) {
      Mesh.Form form = world.sources().form(World.object(i));
      if (form == Mesh.Form.POISON || form == Mesh.Form.QUARANTINED) {
        world.sources().write(World.object(i), Mesh.Form.ROUTED);
      }
    }
  }

  private void act() {
    if (stopped) {
      return;
    }
    int burst = scheduler.chance(0.15) ? 2 + scheduler.below(6) : 1;
    for (int i = 0; i < burst; i++) {
      change(World.object(scheduler.below(OBJECTS)));
    }
    if (scheduler.chance(0.3)) {
      askSomething();
    }
    scheduler.after(scheduler.between(pause / 10, 2 * pause), this::act);
  }

  private void change(ObjectKey key) {
    switch (scheduler.below(10)) {
      case 0, 1 -> {
        long had = world.sources().delete(key);
        askAbout(key, had, Observation.State.ABSENT);
      }
      case 2 -> askAbout(key, world.sources().touch(key), Observation.State.PRESENT);
      case 3 -> askAbout(key, write(key, Mesh.Form.IGNORED), Observation.State.PRESENT);
      case 4 -> askAbout(key, write(key, Mesh.Form.QUARANTINED), Observation.State.PRESENT);
      default -> {
        Mesh.Form form = scheduler.chance(0.03) ? Mesh.Form.POISON : Mesh.Form.ROUTED;
        askAbout(key, write(key, form), Observation.State.PRESENT);
      }
    }
  }

  private long write(ObjectKey key, Mesh.Form form) {
    return world.sources().write(key, form);
  }

  private void askAbout(ObjectKey key, long resourceVersion, Observation.State state) {
    if (scheduler.chance(0.5)) {
      boolean exact = resourceVersion > 0 && scheduler.chance(0.5);
      Optional<Long> at = exact ? Optional.of(resourceVersion) : Optional.empty();
      ask(new Question.AtObject(key, at, state));
    }
  }

  private void askSomething() {
    long version = world.lease().object().map(Lease::version).orElse(Version.NONE).value();
    switch (scheduler.below(4)) {
      case 0 -> ask(new Question.AtCurrent());
      case 1 -> ask(new Question.AtVersion(new Version(Math.max(1, version))));
      case 2 -> ask(new Question.AtVersion(new Version(version + 1)));
      default -> {
        Observation.State state =
            scheduler.oneOf(Observation.State.PRESENT, Observation.State.ABSENT);
        ObjectKey key = World.object(scheduler.below(OBJECTS));
        ask(new Question.AtObject(key, Optional.empty(), state));
      }
    }
  }

  /** Callers mostly find the leader; some of them one that was, or somebody else. */
  private void ask(Question.About about) {
    List<SimShell> running = world.running();
    List<SimShell> leading = running.stream().filter(SimShell::isLeading).toList();
    List<SimShell> choice = leading.isEmpty() || scheduler.chance(0.1) ? running : leading;
    if (choice.isEmpty()) {
      return;
    }
    SimShell chosen = choice.get(scheduler.below(choice.size()));
    Duration patience =
        Duration.ofNanos(
            scheduler.between(
                Scheduler.millis(50), 2 * world.knobs().timings().fenceTime().toNanos()));
    int min = scheduler.chance(0.2) ? scheduler.below(world.knobs().replicas() + 1) : 0;
    long question = world.questions().ask(chosen, about, patience, min);
    if (scheduler.chance(0.05)) {
      long later = scheduler.between(0, patience.toNanos());
      scheduler.after(later, () -> world.questions().cancel(chosen, question));
    }
  }
}
