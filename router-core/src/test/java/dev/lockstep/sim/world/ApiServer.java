package dev.lockstep.sim.world;

import dev.lockstep.core.protocol.PodId;
import dev.lockstep.sim.engine.Arrival;
import dev.lockstep.sim.engine.Mark;
import dev.lockstep.sim.engine.Scheduler;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The road to the API server and back. Commits are atomic and in one order; a request can be lost
 * before its commit, its answer after it, and it can land long after its sender gave it up.
 */
public final class ApiServer {

  /** What becomes of a request. */
  public enum Fate {
    ANSWERED,
    REQUEST_LOST,
    ANSWER_LOST,
    LANDS_LATE,
    ERROR_BEFORE,
    ERROR_AFTER
  }

  /** One request, as the server sees it. */
  @FunctionalInterface
  interface Request {
    /** Does it, atomically; {@return what happens when the answer arrives} */
    Runnable commit();
  }

  private final World world;
  private final Scheduler scheduler;
  private final Set<PodId> cut = new LinkedHashSet<>();
  private long revision = 1000;
  private boolean away;
  private double trouble;
  private Supplier<Fate> fates = this::byChance;

  ApiServer(World world) {
    this.world = world;
    this.scheduler = world.scheduler();
  }

  /** {@return the newest revision} */
  public long revision() {
    return revision;
  }

  long nextRevision() {
    return ++revision;
  }

  /** Nobody reaches it from now on, or everybody does again. */
  public void setAway(boolean away) {
    this.away = away;
    world.mark(Mark.API_AWAY);
    world.pods().watchesFollowReachability();
    world.sources().watchesFollowReachability();
  }

  /** This pod's processes do not reach it from now on, or do again. */
  public void setCut(PodId pod, boolean isCut) {
    world.mark(Mark.API_CUT);
    if (isCut) {
      cut.add(pod);
    } else {
      cut.remove(pod);
    }
    world.pods().watchesFollowReachability();
    world.sources().watchesFollowReachability();
  }

  /** From now on, a request meets trouble with this probability. */
  public void setTrouble(double probability) {
    this.trouble = probability;
  }

  /** From now on, this decides what becomes of a request that reaches the server. */
  public void setFates(Supplier<Fate> fates) {
    this.fates = fates;
  }

  boolean isAway() {
    return away;
  }

  boolean reaches(SimShell shell) {
    return !away && !cut.contains(shell.podId());
  }

  /**
   * Sends a request.
   *
   * @param from who asks; it counts as one request
   * @param request what the server does
   * @param unresolved what to do when no answer arrives
   */
  void send(SimShell from, Request request, Consumer<String> unresolved) {
    from.countRequest();
    long there = world.delay(world.knobs().apiDelay());
    long timeout = world.knobs().apiTimeout();
    if (!reaches(from)) {
      sendIntoTheVoid(from, request, unresolved);
      return;
    }
    switch (fates.get()) {
      case ANSWERED -> travel(there, () -> answer(from, request, unresolved));
      case REQUEST_LOST -> {
        world.mark(Mark.REQUEST_LOST_BEFORE_COMMIT);
        from.after(timeout, () -> unresolved.accept("timeout"));
      }
      case ANSWER_LOST -> {
        world.mark(Mark.ANSWER_LOST_AFTER_COMMIT);
        from.outside(there, () -> commitOnly(from, request));
        from.after(timeout, () -> unresolved.accept("timeout"));
      }
      case LANDS_LATE -> {
        from.outside(timeout + scheduler.between(1, 2 * timeout), () -> landLate(from, request));
        from.after(timeout, () -> unresolved.accept("timeout"));
      }
      case ERROR_BEFORE -> {
        world.mark(Mark.SERVER_ERROR_BEFORE_COMMIT);
        from.after(2 * there, () -> unresolved.accept("503"));
      }
      case ERROR_AFTER -> {
        world.mark(Mark.SERVER_ERROR_AFTER_COMMIT);
        from.outside(there, () -> commitOnly(from, request));
        from.after(2 * there, () -> unresolved.accept("502"));
      }
    }
  }

  private Fate byChance() {
    return scheduler.chance(trouble)
        ? Fate.values()[1 + scheduler.below(Fate.values().length - 1)]
        : Fate.ANSWERED;
  }

  private void answer(SimShell from, Request request, Consumer<String> unresolved) {
    if (!reaches(from)) {
      from.after(world.knobs().apiTimeout(), () -> unresolved.accept("connection lost"));
      return;
    }
    Runnable outcome = request.commit();
    from.arrives(world.delay(world.knobs().apiDelay()), slack(), outcome);
  }

  private void travel(long delay, Runnable arrival) {
    scheduler.after(delay, Arrival.within(slack(), arrival));
  }

  /** Both ways together, it must not take longer than the shell waits. */
  private long slack() {
    return world.knobs().apiTimeout() / 2 - world.knobs().apiDelay();
  }

  private void commitOnly(SimShell from, Request request) {
    if (reaches(from)) {
      request.commit();
    }
  }

  private void landLate(SimShell from, Request request) {
    if (reaches(from)) {
      world.mark(Mark.WRITE_LANDED_AFTER_TIMEOUT);
      request.commit();
    }
  }

  private void sendIntoTheVoid(SimShell from, Request request, Consumer<String> unresolved) {
    if (scheduler.chance(0.5)) {
      world.mark(Mark.REQUEST_REFUSED);
      from.after(world.delay(world.knobs().apiDelay()), () -> unresolved.accept("refused"));
      return;
    }
    long timeout = world.knobs().apiTimeout();
    from.after(timeout, () -> unresolved.accept("timeout"));
    if (scheduler.chance(0.3)) { // Stuck on the road, and through when the road is free again.
      from.outside(timeout + scheduler.between(1, 3 * timeout), () -> landLate(from, request));
    }
  }
}
