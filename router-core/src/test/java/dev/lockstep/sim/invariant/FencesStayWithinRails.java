package dev.lockstep.sim.invariant;

import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.Event;
import dev.lockstep.core.protocol.LinkId;
import dev.lockstep.core.protocol.Message;
import dev.lockstep.core.protocol.NanoTime;
import dev.lockstep.core.protocol.Pod;
import dev.lockstep.core.protocol.PodId;
import dev.lockstep.core.protocol.ReplicaId;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * A leader takes at most one replica, or a quarter, out of traffic for silence or lag at a time,
 * and none for what it missed in a pause of its own (rules P35 and P36). Whom it knows to be dead,
 * out of traffic already, or on the way out, harms nobody and does not count (rule P37).
 */
final class FencesStayWithinRails implements Invariant {

  private static final Set<String> CAUSES =
      Set.of("it is silent", "it does not apply the current version");

  private static final String LOST = "it is silent and not ready";

  /** What one run of a process knows while it leads. */
  private static final class Leader {
    private NanoTime steppedAt;
    private NanoTime awakeSince;
    private final Map<PodId, Pod> sights = new LinkedHashMap<>();
    private final Map<LinkId, PodId> links = new LinkedHashMap<>();
    private final Map<ReplicaId, PodId> runs = new LinkedHashMap<>();
    private final Set<PodId> fenced = new LinkedHashSet<>();

    private Leader(NanoTime now) {
      steppedAt = now;
      awakeSince = now;
    }
  }

  private final Map<ReplicaId, Leader> leaders = new LinkedHashMap<>();

  @Override
  public void observe(Fact fact, Mesh mesh) {
    if (fact instanceof Fact.Ended(var replica)) {
      leaders.remove(replica);
    } else if (fact instanceof Fact.Stepped step) {
      Leader leader = leaders.computeIfAbsent(step.replica(), r -> new Leader(step.now()));
      NanoTime pause = leader.steppedAt.plus(mesh.timings().fenceTime());
      if (step.now().isAtOrAfter(pause) || step.event() instanceof Event.LoopPaused) {
        leader.awakeSince = step.now();
      }
      leader.steppedAt = step.now();
      onEvent(leader, step.event());
      step.effects().forEach(effect -> onEffect(step, leader, effect, mesh));
    }
  }

  private static void onEvent(Leader leader, Event event) {
    if (event instanceof Event.PodSeen(Pod pod)) {
      see(leader, pod);
    } else if (event instanceof Event.PodWritten(Pod pod)) {
      see(leader, pod);
    } else if (event instanceof Event.PodsListed listed) {
      listed.pods().forEach(pod -> see(leader, pod));
    } else if (event instanceof Event.PodGone(PodId pod)) {
      leader.fenced.remove(pod);
    } else if (event instanceof Event.Received(var link, Message.Hello hello)) {
      leader.links.put(link, hello.pod());
      leader.runs.put(hello.replica(), hello.pod());
    } else if (event instanceof Event.Received(var link, Message.Welcome welcome)) {
      welcome.leader().ifPresent(it -> leader.runs.put(it.replica(), it.pod()));
    } else if (event instanceof Event.Received(var link, Message.Bye bye)) {
      leader.fenced.remove(leader.links.get(link));
    } else if (event instanceof Event.Probed(var replica, var evidence)
        && evidence == Event.Evidence.GONE) {
      leader.fenced.remove(leader.runs.get(replica));
    }
  }

  private static void see(Leader leader, Pod pod) {
    Pod known = leader.sights.get(pod.id());
    if (known == null || pod.resourceVersion() > known.resourceVersion()) {
      leader.sights.put(pod.id(), pod);
      if (pod.isInSync()) {
        leader.fenced.remove(pod.id()); // The fence has not landed, and never will.
      }
    }
  }

  private void onEffect(Fact.Stepped step, Leader leader, Effect effect, Mesh mesh) {
    if (effect instanceof Effect.Announce(Effect.LeadershipWon won)) {
      leader.fenced.clear();
      leader.sights.clear();
    } else if (effect instanceof Effect.Announce(Effect.MemberChanged changed)) {
      switch (changed.kind()) {
        case ADMITTED, LEFT -> leader.fenced.remove(changed.pod());
        case FENCED -> onFence(step, leader, changed, mesh);
        case ACK, NACK, LATE -> {}
      }
    }
  }

  private void onFence(Fact.Stepped step, Leader leader, Effect.MemberChanged changed, Mesh mesh) {
    Pod sight = leader.sights.get(changed.pod());
    if (changed.reason().equals(LOST) && (sight == null || !gotNoTraffic(sight))) {
      throw new Violation(this, step.replica() + " saw no loss of " + sight + ": " + changed);
    }
    if (!CAUSES.contains(changed.reason())) {
      return;
    }
    if (step.now().isBefore(leader.awakeSince.plus(mesh.timings().fenceTime()))) {
      throw new Violation(this, step.replica() + " was paused itself: " + changed);
    }
    leader.fenced.add(changed.pod());
    leader.fenced.removeIf(pod -> !isWell(leader.sights.get(pod)));
    if (leader.fenced.size() > Math.max(1, leader.sights.size() / 4)) {
      throw new Violation(this, step.replica() + " has fenced " + leader.fenced);
    }
  }

  private static boolean gotNoTraffic(Pod pod) {
    return pod.process() == Pod.Process.UNREADY;
  }

  private static boolean isWell(@org.jspecify.annotations.Nullable Pod pod) {
    return pod != null && pod.process() == Pod.Process.RUNNING && pod.phase() == Pod.Phase.PRESENT;
  }
}
