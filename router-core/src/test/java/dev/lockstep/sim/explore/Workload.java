package dev.lockstep.sim.explore;

import dev.lockstep.core.config.ObjectKey;
import dev.lockstep.core.config.Version;
import dev.lockstep.core.protocol.Lease;
import dev.lockstep.core.protocol.Observation;
import dev.lockstep.core.protocol.Question;
import dev.lockstep.sim.engine.Dice;
import dev.lockstep.sim.engine.Scheduler;
import dev.lockstep.sim.invariant.Mesh;
import dev.lockstep.sim.world.SimShell;
import dev.lockstep.sim.world.World;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Users: they write objects, sometimes many at once, and ask whether they are live. */
final class Workload {

  private final World world;
  private final Plan plan;
  private final boolean mixedBuilds;
  private final long pause;
  private int acts;
  private Dice dice;
  private boolean stopped;

  Workload(World world, Plan plan, Dice dice) {
    this.world = world;
    this.plan = plan;
    this.dice = dice;
    this.mixedBuilds = dice.chance(0.5);
    this.pause = dice.between(Scheduler.millis(100), Scheduler.millis(1500));
  }

  void start() {
    act();
  }

  /** {@return how many acts there were} */
  int acts() {
    return acts;
  }

  /** Stops, and leaves objects behind that can all be served. */
  void stop() {
    stopped = true;
    for (int i = 0; i < World.OBJECTS; i++) {
      Mesh.Form form = world.sources().form(World.object(i));
      switch (form) {
        case POISON, QUARANTINED, MODERN ->
            world.sources().write(World.object(i), Mesh.Form.ROUTED);
        case ROUTED, IGNORED, DELETED -> {}
      }
    }
  }

  private void act() {
    if (stopped) {
      return;
    }
    int number = acts++;
    dice = plan.changeDice(number);
    long wait = dice.between(pause / 10, 2 * pause);
    if (plan.hasChange(number)) {
      changeAndAsk();
    }
    world.scheduler().after(wait, this::act);
  }

  private void changeAndAsk() {
    int burst = dice.chance(0.15) ? 2 + dice.below(6) : 1;
    for (int i = 0; i < burst; i++) {
      change(World.object(dice.below(World.OBJECTS)));
    }
    if (dice.chance(0.3)) {
      askSomething();
    }
  }

  private void change(ObjectKey key) {
    switch (dice.below(10)) {
      case 0, 1 -> {
        long had = world.sources().delete(key);
        askAbout(key, had, Observation.State.ABSENT);
      }
      case 2 -> askAbout(key, world.sources().touch(key), Observation.State.PRESENT);
      case 3 -> askAbout(key, write(key, Mesh.Form.IGNORED), Observation.State.PRESENT);
      case 4 -> askAbout(key, write(key, Mesh.Form.QUARANTINED), Observation.State.PRESENT);
      default -> {
        boolean modern = mixedBuilds && dice.chance(0.2);
        Mesh.Form usual = modern ? Mesh.Form.MODERN : Mesh.Form.ROUTED;
        Mesh.Form form = dice.chance(0.03) ? Mesh.Form.POISON : usual;
        askAbout(key, write(key, form), Observation.State.PRESENT);
      }
    }
  }

  private long write(ObjectKey key, Mesh.Form form) {
    return world.sources().write(key, form);
  }

  private void askAbout(ObjectKey key, long resourceVersion, Observation.State state) {
    if (dice.chance(0.5)) {
      boolean exact = resourceVersion > 0 && dice.chance(0.5);
      Optional<Long> at = exact ? Optional.of(resourceVersion) : Optional.empty();
      ask(new Question.AtObject(key, at, state));
    }
  }

  private void askSomething() {
    long version = world.lease().object().map(Lease::version).orElse(Version.NONE).value();
    switch (dice.below(4)) {
      case 0 -> ask(new Question.AtCurrent());
      case 1 -> ask(new Question.AtVersion(new Version(Math.max(1, version))));
      case 2 -> ask(new Question.AtVersion(new Version(version + 1)));
      default -> {
        Observation.State state = dice.oneOf(Observation.State.PRESENT, Observation.State.ABSENT);
        ObjectKey key = World.object(dice.below(World.OBJECTS));
        ask(new Question.AtObject(key, Optional.empty(), state));
      }
    }
  }

  /** Callers mostly find the leader; some of them one that was, or somebody else. */
  private void ask(Question.About about) {
    List<SimShell> running = world.running();
    List<SimShell> leading = running.stream().filter(SimShell::isLeading).toList();
    List<SimShell> choice = leading.isEmpty() || dice.chance(0.1) ? running : leading;
    if (choice.isEmpty()) {
      return;
    }
    SimShell chosen = choice.get(dice.below(choice.size()));
    Duration patience =
        Duration.ofNanos(
            dice.between(Scheduler.millis(50), 2 * world.knobs().timings().fenceTime().toNanos()));
    int min = dice.chance(0.2) ? dice.below(world.processes().wanted() + 1) : 0;
    long question = world.questions().ask(chosen, about, patience, min);
    if (dice.chance(0.05)) {
      long later = dice.between(0, patience.toNanos());
      world.scheduler().after(later, () -> world.questions().cancel(chosen, question));
    }
  }
}
