package dev.lockstep.core.replication;

import dev.lockstep.core.config.Delta;
import dev.lockstep.core.config.Snapshot;
import dev.lockstep.core.config.Version;
import dev.lockstep.core.protocol.NanoTime;
import java.util.ArrayList;
import java.util.List;

/**
 * What a follower knows of versions that it lacks, and when to ask for the whole: after a push that
 * does not fit, a fetch that failed, or a push that never came.
 *
 * @param offered newest version that the leader spoke of
 * @param stage of getting the whole
 * @param early pushes that came during a fetch: they start from what is being fetched
 * @param askAt when to ask if still behind then; {@link NanoTime#NEVER} if there is no reason to
 */
record CatchUp(Version offered, Stage stage, List<Delta> early, NanoTime askAt) {

  /** A leader sends no more than its window: beyond, asking again is cheaper than keeping. */
  private static final int EARLY = 8;

  /** How far the whole has come. */
  enum Stage {
    NONE,
    ASKED,
    FETCHING
  }

  /** Nothing heard. */
  static final CatchUp NONE = new CatchUp(Version.NONE, Stage.NONE, List.of(), NanoTime.NEVER);

  CatchUp {
    early = List.copyOf(early);
  }

  boolean isIdle() {
    return stage == Stage.NONE;
  }

  boolean isFetching() {
    return stage == Stage.FETCHING;
  }

  /** {@return whether something is missing that nothing under way will bring} */
  boolean lacks(Snapshot held) {
    return !isFetching() && offered.isAfter(held.version());
  }

  /** {@return the state after the leader spoke of a version} */
  CatchUp hear(Version version) {
    return new CatchUp(Version.max(offered, version), stage, early, askAt);
  }

  /** {@return the state in which the whole is asked for then, or before} */
  CatchUp askBy(NanoTime at) {
    return new CatchUp(offered, stage, early, NanoTime.min(askAt, at));
  }

  /** {@return the state after asking; without an answer it asks again then} */
  CatchUp asked(NanoTime again) {
    return new CatchUp(offered, Stage.ASKED, List.of(), again);
  }

  /** {@return the state in which a snapshot is on its way} */
  CatchUp fetching() {
    return new CatchUp(offered, Stage.FETCHING, List.of(), NanoTime.NEVER);
  }

  /** {@return the state in which nothing is on its way, and what is missing is asked for then} */
  CatchUp idle(NanoTime ask) {
    return new CatchUp(offered, Stage.NONE, List.of(), ask);
  }

  /** {@return the state that keeps a push until the snapshot is there} */
  CatchUp keep(Delta push) {
    List<Delta> longer = new ArrayList<>(early);
    if (longer.size() < EARLY) {
      longer.add(push);
    }
    return new CatchUp(offered, stage, longer, askAt);
  }

  /** {@return what was fetched with the early pushes applied, as far as they fit} */
  Snapshot replay(Snapshot fetched) {
    Snapshot newest = fetched;
    for (Delta delta : early) {
      if (delta.base().equals(newest.version())) {
        Snapshot target = delta.applyTo(newest);
        newest = target.digest().equals(delta.digest()) ? target : newest;
      }
    }
    return newest;
  }
}
