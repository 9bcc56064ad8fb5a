package dev.lockstep.sim.invariant;

import dev.lockstep.sim.invariant.leadership.AtMostOneLeaderPerEpoch;
import dev.lockstep.sim.invariant.leadership.EpochNeverGoesBack;
import dev.lockstep.sim.invariant.leadership.HolderIsRespected;
import dev.lockstep.sim.invariant.leadership.StaleLeaderNeverAccepted;
import java.util.ArrayList;
import java.util.List;

/** All sentences together, each a fresh observer. */
public final class Invariants {

  private final List<Invariant> all = new ArrayList<>(sentences());

  private static List<Invariant> sentences() {
    return List.of(
        new AtMostOneLeaderPerEpoch(),
        new EpochNeverGoesBack(),
        new StaleLeaderNeverAccepted(),
        new AppliedVersionNeverGoesBack(),
        new SameVersionSameConfig(),
        new BarrierReleasedOnlyWhenAllServe(),
        new BarrierNeverCloses(),
        new ObjectAnswersHold(),
        new ReadyMeansSynced(),
        new QuestionsAreAnswered(),
        new SpreadOnlyWhatIsCommittedAndServed(),
        new HolderIsRespected(),
        new FencesStayWithinRails(),
        new ServingGoesOn(),
        new ObjectsOnlyGoForward());
  }

  /** Adds an observer. */
  public void add(Invariant observer) {
    all.add(observer);
  }

  /** Tells all of them what happened. */
  public void observe(Fact fact, Mesh mesh) {
    for (Invariant invariant : all) {
      invariant.observe(fact, mesh);
    }
  }

  /** Lets all of them look. */
  public void check(Mesh mesh) {
    for (Invariant invariant : all) {
      invariant.check(mesh);
    }
  }
}
