package dev.lockstep.chaos.windows;

import dev.lockstep.chaos.oracle.Fates;
import dev.lockstep.chaos.oracle.Fates.Excuse;
import dev.lockstep.chaos.oracle.Reach;
import dev.lockstep.local.LocalMesh;
import dev.lockstep.local.cluster.ApiServer;
import dev.lockstep.local.kubelet.Kubelet;
import dev.lockstep.local.kubelet.LocalReplica;
import dev.lockstep.local.process.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Makes troubles, and ends them. */
final class Strikes {
  private static final Duration PAUSE = Duration.ofSeconds(15);
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private final LocalMesh mesh;
  private final Kubelet kubelet;
  private final Reach reach;
  private final Hands hands;

  /** Hits replicas of this mesh. */
  Strikes(LocalMesh mesh, Reach reach, Hands hands) {
    this.mesh = mesh;
    this.kubelet = mesh.kubelet();
    this.reach = reach;
    this.hands = hands;
  }

  /**
   * What troubles are made with.
   *
   * @param server can be killed
   * @param cuts cut ways
   * @param fates are told what is done to processes, before it is done
   */
  record Hands(ApiServer server, Cuts cuts, Fates fates) {}

  /**
   * A trouble that has begun.
   *
   * @param hit the replicas, as they were
   * @param lasts how long it lasts; empty until the barrier has opened
   * @param comesBack whether who was hit takes part again when it has ended
   * @param end ends it; done at once where it is an event
   */
  record Strike(List<LocalReplica> hit, Optional<Duration> lasts, Comeback comesBack, Ending end) {}

  /** What is to be seen of those that were hit, when they are back. */
  enum Comeback {
    /** Another process. */
    ANOTHER_PROCESS,
    /** The same process as before. */
    SAME_PROCESS,
    /** Nothing: what comes back is measured by another trouble. */
    NEVER
  }

  /** Ends a trouble. */
  @FunctionalInterface
  interface Ending {
    /** Returns when it is over. */
    void run() throws InterruptedException;
  }

  /** {@return the trouble of a row, begun} Returns when the API server is back, if it goes away. */
  Strike begin(Row row) throws InterruptedException {
    List<LocalReplica> victims = victims(row);
    return switch (row.trouble().means()) {
      case KILL -> kill(victims);
      case STOP -> {
        victims.forEach(it -> kubelet.restart(it.pod()));
        yield event(victims, Comeback.ANOTHER_PROCESS);
      }
      case LOSE -> lose(victims);
      case PAUSE -> pause(victims);
      case CUT -> cut(victims, victims.stream().map(it -> cutLinks(it.pod())).toList());
      case CUT_FROM_API -> cut(victims, victims.stream().map(it -> cutApi(it.pod())).toList());
      case API_AWAY -> {
        apiAway(row.away());
        yield event(victims, Comeback.SAME_PROCESS);
      }
    };
  }

  private Runnable cutLinks(String pod) {
    return hands.cuts.links().apply(pod);
  }

  private Runnable cutApi(String pod) {
    return hands.cuts.api().apply(pod);
  }

  private List<LocalReplica> victims(Row row) {
    List<LocalReplica> leaderFirst = new ArrayList<>(mesh.replicas());
    leaderFirst.sort((a, b) -> Boolean.compare(leads(b), leads(a)));
    return switch (row.trouble().whom()) {
      case LEADER -> leaderFirst.subList(0, 1);
      case FOLLOWER -> leaderFirst.subList(1, 2);
      case ALL -> leaderFirst;
      case SO_MANY -> leaderFirst.subList(0, row.hit());
    };
  }

  private boolean leads(LocalReplica replica) {
    return replica.pod().equals(reach.leader());
  }

  private Strike kill(List<LocalReplica> victims) {
    List<Fates.Span> spans =
        victims.stream().map(it -> hands.fates.begin(it.pod(), Excuse.KILLED)).toList();
    victims.forEach(it -> kubelet.kill(it.pod()));
    for (int i = 0; i < victims.size(); i++) {
      endWhenRestarted(spans.get(i), victims.get(i));
    }
    return event(victims, Comeback.ANOTHER_PROCESS);
  }

  private Strike pause(List<LocalReplica> victims) {
    List<Fates.Span> spans =
        victims.stream().map(it -> hands.fates.begin(it.pod(), Excuse.PAUSED)).toList();
    victims.forEach(it -> kubelet.pause(it.pod()));
    Ending end =
        () -> {
          victims.forEach(it -> kubelet.resume(it.pod()));
          for (int i = 0; i < victims.size(); i++) {
            spans.get(i).endWhenReady(victims.get(i).api());
          }
        };
    return new Strike(victims, Optional.of(PAUSE), Comeback.SAME_PROCESS, end);
  }

  /**
   * What is left of a lost node is silence. So the process is stopped in place, for its ports must
   * not refuse; the bytes to and from it are held; and its kubelet looks away.
   */
  private Strike lose(List<LocalReplica> victims) {
    List<Fates.Span> spans =
        victims.stream().map(it -> hands.fates.begin(it.pod(), Excuse.PAUSED)).toList();
    List<Runnable> heals = new ArrayList<>();
    for (LocalReplica victim : victims) {
      kubelet.lose(victim.pod());
      kubelet.pause(victim.pod());
      heals.add(hands.cuts.all(victim.pod()));
    }
    Ending end =
        () -> {
          for (int i = 0; i < victims.size(); i++) {
            // BEFORE it is heard again: a node that comes back has none of its processes.
            kubelet.kill(victims.get(i).pod());
            awaitGone(victims.get(i));
            heals.get(i).run();
            kubelet.recover(victims.get(i).pod());
            endWhenRestarted(spans.get(i), victims.get(i));
          }
        };
    return new Strike(victims, Optional.empty(), Comeback.NEVER, end);
  }

  private static Strike cut(List<LocalReplica> victims, List<Runnable> heals) {
    return new Strike(
        victims, Optional.empty(), Comeback.SAME_PROCESS, () -> heals.forEach(Runnable::run));
  }

  private void apiAway(Duration away) throws InterruptedException {
    hands.server.stop();
    reach.apiAway();
    try {
      Thread.sleep(away);
    } finally {
      hands.server.start();
      reach.apiBack();
    }
  }

  private static Strike event(List<LocalReplica> victims, Comeback comeback) {
    return new Strike(victims, Optional.of(Duration.ZERO), comeback, () -> {});
  }

  /** A process that was killed may answer for a moment more: its end comes first. */
  private void endWhenRestarted(Fates.Span span, LocalReplica before) {
    Thread.ofVirtual()
        .name("restart of " + before.pod())
        .start(
            () -> {
              try {
                awaitGone(before);
                span.endWhenReady(before.api());
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
  }

  private void awaitGone(LocalReplica before) throws InterruptedException {
    Await.until(PATIENCE, before.pod() + " is dead", () -> !pid(before.pod()).equals(before.pid()));
  }

  private OptionalLong pid(String pod) {
    return mesh.replicas().stream()
        .filter(it -> it.pod().equals(pod))
        .map(LocalReplica::pid)
        .findFirst()
        .orElse(OptionalLong.empty());
  }
}
