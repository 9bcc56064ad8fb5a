package dev.lockstep.sim.matrix;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.ReplicaView;
import dev.lockstep.core.config.Version;
import dev.lockstep.core.protocol.Question;
import dev.lockstep.core.protocol.ReplicaId;
import dev.lockstep.sim.Cluster;
import dev.lockstep.sim.Cluster.Asked;
import dev.lockstep.sim.Cluster.Direction;
import dev.lockstep.sim.Cluster.Member;
import dev.lockstep.sim.world.SimShell;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Every fault at every step of what a mesh does: of a commit, a join, a fence and a hand-over. All
 * invariants watch; when the fault is over, the mesh recovers without help, and what was written is
 * open. The page {@code docs/fault-matrix.md} says what happens in between.
 */
final class FaultMatrixTest {

  /** So many moments of each step are tried, spread over it. */
  private static final int MOMENTS = 3;

  /** Far more events than a journey has. */
  private static final int ENDLESS = 200_000;

  /** How far something has come. */
  private enum Step {
    BEFORE_COMMIT,
    COMMIT_IN_DOUBT,
    COMMITTED,
    PUSHED_TO_SOME,
    SERVED_BY_ALL,
    BEFORE_WELCOME,
    WELCOMED,
    APPLIED,
    BEFORE_FENCE,
    FENCED,
    BEFORE_HAND_OVER,
    NAMED,
    TAKEN,
    DONE
  }

  /** Something that a mesh does. */
  enum Journey {
    COMMIT(cluster -> {}),
    JOIN(cluster -> cluster.follower(2).replace()),
    FENCE(cluster -> cluster.follower(2).pause()),
    HAND_OVER(cluster -> cluster.leader().stop());

    private final Consumer<Cluster> begin;

    Journey(Consumer<Cluster> begin) {
      this.begin = begin;
    }
  }

  /** Who fails, and how. */
  enum Fault {
    LEADER_CRASHES(scene -> scene.leader.crash()),
    LEADER_LOSES_POWER(scene -> scene.leader.losePower()),
    LEADER_IS_PAUSED(scene -> scene.whenRunning(scene.leader, Member::pause)),
    LEADER_STOPS(scene -> scene.leader.stop()),
    LEADER_LOSES_THE_API(scene -> scene.leader.cutFromApi()),
    LEADER_IS_DEAF(scene -> scene.leader.isolate(Direction.INCOMING)),
    LEADER_IS_MUTE(scene -> scene.leader.isolate(Direction.OUTGOING)),
    LEADER_IS_ALONE(scene -> scene.leader.isolate(Direction.BOTH)),
    FOLLOWER_CRASHES(scene -> scene.subject().crash()),
    FOLLOWER_IS_PAUSED(scene -> scene.whenRunning(scene.subject(), Member::pause)),
    FOLLOWER_IS_ALONE(scene -> scene.subject().isolate(Direction.BOTH)),
    FOLLOWER_LOSES_ITS_DISK(scene -> scene.subject().crash().loseDisk().restart()),
    FOLLOWER_CANNOT_APPLY(scene -> scene.subject().pod().setFailing(true)),
    CANDIDATE_CRASHES_WITH_THE_LEADER(
        scene -> {
          scene.leader.crash();
          scene.candidate.crash();
        }),
    CANDIDATE_LOSES_THE_API(
        scene -> {
          scene.candidate.cutFromApi();
          scene.leader.crash();
        }),
    API_IS_AWAY(scene -> scene.cluster.apiAway()),
    API_LOSES_ANSWERS(scene -> scene.cluster.world().api().setTrouble(0.7)),
    LEASE_IS_DELETED(scene -> scene.cluster.deleteLease()),
    CLIENT_HANGS_UP(Scene::hangUp);

    private final Consumer<Scene> strike;

    Fault(Consumer<Scene> strike) {
      this.strike = strike;
    }
  }

  /** One run of a journey, and who plays which part in it. */
  private record Scene(
      Cluster cluster, Journey journey, Member leader, Member candidate, Asked asked, Version old) {

    static Scene begin(Journey journey) {
      Cluster cluster = Cluster.of(3).seed(7).start();
      cluster.askPresent(0, cluster.write(0)).expectOpen();
      Member leader = cluster.leader();
      Member candidate = cluster.follower(1);
      Version old = cluster.version();
      journey.begin.accept(cluster);
      Asked asked = cluster.ask(new Question.AtCurrent());
      if (journey != Journey.HAND_OVER) {
        asked = cluster.askPresent(1, cluster.write(1));
      }
      return new Scene(cluster, journey, leader, candidate, asked, old);
    }

    /** Who joins or is fenced; else the last follower. */
    Member subject() {
      return cluster.all().stream()
          .filter(it -> !it.isRunOf(leader) && !it.isRunOf(candidate))
          .reduce((first, second) -> second)
          .orElse(candidate);
    }

    void whenRunning(Member member, Consumer<Member> action) {
      member.pod().process().ifPresent(running -> action.accept(member));
    }

    void hangUp() {
      leader
          .pod()
          .process()
          .ifPresent(shell -> cluster.world().questions().cancel(shell, asked.question()));
    }

    Step step() {
      return switch (journey) {
        case COMMIT -> commit();
        case JOIN -> join();
        case FENCE -> fence();
        case HAND_OVER -> handOver();
      };
    }

    private Step commit() {
      Version newest = cluster.version();
      if (!newest.isAfter(old)) {
        return Step.BEFORE_COMMIT;
      }
      if (!committed(leader).isAtLeast(newest)) {
        return Step.COMMIT_IN_DOUBT;
      }
      long serving =
          cluster.all().stream()
              .filter(it -> !it.isRunOf(leader) && it.served().isAtLeast(newest))
              .count();
      if (serving < 2) {
        return serving == 0 ? Step.COMMITTED : Step.PUSHED_TO_SOME;
      }
      return asked.answer().isEmpty() ? Step.SERVED_BY_ALL : Step.DONE;
    }

    private static Version committed(Member leader) {
      return leader.process().view().leadership().orElseThrow().committed();
    }

    private Step join() {
      Member joiner = subject();
      Optional<SimShell> process = joiner.pod().process();
      if (joiner.pod().isLeaving() || process.isEmpty()) {
        return Step.BEFORE_WELCOME;
      }
      ReplicaView view = process.get().view();
      if (view.role() != ReplicaView.Role.FOLLOWER || view.alias().isEmpty()) {
        return Step.BEFORE_WELCOME;
      }
      if (!view.served().isAtLeast(cluster.version())) {
        return Step.WELCOMED;
      }
      return joiner.pod().object().isInSync() ? Step.DONE : Step.APPLIED;
    }

    private Step fence() {
      if (subject().pod().object().isInSync()) {
        return Step.BEFORE_FENCE;
      }
      return asked.answer().isEmpty() ? Step.FENCED : Step.DONE;
    }

    private Step handOver() {
      Optional<ReplicaId> holder = cluster.lease().holder();
      if (holder.filter(it -> it.pod().equals(leader.pod().id().name())).isPresent()) {
        return Step.BEFORE_HAND_OVER;
      }
      List<Member> leaders = cluster.leaders().stream().filter(it -> !it.isRunOf(leader)).toList();
      if (leaders.isEmpty()) {
        return Step.NAMED;
      }
      ReplicaView view = leaders.getFirst().process().view();
      return view.leadership().orElseThrow().sources() == ReplicaView.Sources.SYNCED
          ? Step.DONE
          : Step.TAKEN;
    }

    /** Lets one thing happen. */
    void next() {
      cluster.world().runNext(Long.MAX_VALUE);
    }

    /** Ends every fault that there can be. */
    void heal() {
      cluster.apiBack().world().api().setTrouble(0);
      for (Member member : cluster.all()) {
        member.heal().reachApi().pod().setFailing(false);
        whenRunning(member, Member::resume);
        member.restart();
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Fault.class)
  void aCommitSurvivesEveryFaultAtEveryStep(Fault fault) {
    strikeEverywhere(Journey.COMMIT, fault);
  }

  @ParameterizedTest
  @EnumSource(Fault.class)
  void aJoinSurvivesEveryFaultAtEveryStep(Fault fault) {
    strikeEverywhere(Journey.JOIN, fault);
  }

  @ParameterizedTest
  @EnumSource(Fault.class)
  void aFenceSurvivesEveryFaultAtEveryStep(Fault fault) {
    strikeEverywhere(Journey.FENCE, fault);
  }

  @ParameterizedTest
  @EnumSource(Fault.class)
  void aHandOverSurvivesEveryFaultAtEveryStep(Fault fault) {
    strikeEverywhere(Journey.HAND_OVER, fault);
  }

  @Test
  void theJourneysMeetEveryStep() {
    List<Step> met = new ArrayList<>(List.of(Step.DONE));
    for (Journey journey : Journey.values()) {
      met.addAll(moments(journey).keySet());
    }
    assertThat(met).containsExactlyInAnyOrder(Step.values());
  }

  private static void strikeEverywhere(Journey journey, Fault fault) {
    for (List<Integer> moments : moments(journey).values()) {
      for (int i = 0; i < MOMENTS; i++) {
        strike(journey, fault, moments.get(i * (moments.size() - 1) / (MOMENTS - 1)));
      }
    }
  }

  /** {@return after how many events the journey is at which step} */
  private static Map<Step, List<Integer>> moments(Journey journey) {
    Map<Step, List<Integer>> moments = new EnumMap<>(Step.class);
    Scene scene = Scene.begin(journey);
    int events = 0;
    for (Step step = scene.step(); step != Step.DONE; step = scene.step()) {
      moments.computeIfAbsent(step, it -> new ArrayList<>()).add(events);
      events++;
      assertThat(events).as("events of a %s", journey).isLessThan(ENDLESS);
      scene.next();
    }
    return moments;
  }

  private static void strike(Journey journey, Fault fault, int events) {
    Scene scene = Scene.begin(journey);
    for (int i = 0; i < events; i++) {
      scene.next();
    }
    Cluster cluster = scene.cluster;
    try {
      fault.strike.accept(scene);
      cluster.advance(cluster.timings().fenceTime().multipliedBy(2));
      scene.heal();
      cluster.awaitConverged();
      long again = cluster.write(2);
      Version open = cluster.askPresent(2, again).expectOpen().version();
      assertThat(open).isGreaterThan(scene.old);
      cluster.ask(new Question.AtCurrent()).expectOpen();
    } catch (AssertionError | RuntimeException failure) {
      throw new AssertionError(
          "%s at step %s of a %s, after %d events"
              .formatted(fault, Scene.begin(journey).step(), journey, events),
          failure);
    }
  }
}
