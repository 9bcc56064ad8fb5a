package dev.lockstep.chaos.windows;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lockstep.chaos.oracle.Reach;
import dev.lockstep.chaos.windows.Strikes.Comeback;
import dev.lockstep.chaos.windows.Strikes.Strike;
import dev.lockstep.local.LocalMesh;
import dev.lockstep.local.MeshQuestions;
import dev.lockstep.local.kubelet.LocalReplica;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Knows when the mesh is whole: every replica ready and in sync, every version open. */
final class Calm implements AutoCloseable {
  /** Longer than excuses of requests go on after a process has come back. */
  private static final Duration STEADY = Duration.ofMillis(2_500);

  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final Duration POLL = Duration.ofMillis(20);
  private static final Duration QUESTION = Duration.ofSeconds(1);
  private static final Set<String> WHOLE = Set.of("leader", "in-sync");

  private final MeshQuestions questions = new MeshQuestions();
  private final LocalMesh mesh;
  private final Reach reach;
  private final int replicas;

  /** Looks at this mesh, which is whole with so many replicas. */
  Calm(LocalMesh mesh, Reach reach, int replicas) {
    this.mesh = mesh;
    this.reach = reach;
    this.replicas = replicas;
  }

  /**
   * Waits until it has been whole for a while.
   *
   * @throws IllegalStateException if it takes too long
   */
  void await() throws InterruptedException {
    long begin = System.nanoTime();
    long since = begin;
    while (System.nanoTime() - since < STEADY.toNanos()) {
      Optional<String> lack = lack();
      if (lack.isPresent()) {
        since = System.nanoTime();
      }
      if (since - begin > PATIENCE.toNanos()) {
        throw new IllegalStateException("the mesh is not whole again: " + lack.orElse("unsteady"));
      }
      Thread.sleep(POLL);
    }
  }

  /** {@return how long after now those that were hit are in sync again; empty if they never are} */
  Optional<Duration> awaitBack(Strike strike, long endedAt) throws InterruptedException {
    if (strike.comesBack() == Comeback.NEVER) {
      return Optional.empty();
    }
    while (System.nanoTime() - endedAt < PATIENCE.toNanos()) {
      if (back(strike)) {
        return Optional.of(Duration.ofNanos(System.nanoTime() - endedAt));
      }
      Thread.sleep(POLL);
    }
    return Optional.empty();
  }

  @Override
  public void close() {
    questions.close();
  }

  private boolean back(Strike strike) {
    List<LocalReplica> now = mesh.replicas();
    for (LocalReplica before : strike.hit()) {
      boolean up =
          now.stream()
              .filter(it -> it.pod().equals(before.pod()) && it.ready())
              .anyMatch(it -> it.pid().equals(before.pid()) == same(strike.comesBack()));
      if (!up) {
        return false; // The leader is not asked before there is hope.
      }
    }
    Optional<JsonNode> state = state();
    return state.isPresent() && strike.hit().stream().allMatch(it -> inSync(state.get(), it.pod()));
  }

  private static boolean same(Comeback comeback) {
    return comeback == Comeback.SAME_PROCESS;
  }

  private static boolean inSync(JsonNode state, String pod) {
    for (JsonNode replica : state.path("replicas")) {
      if (replica.path("pod").asText().equals(pod)) {
        return whole(replica);
      }
    }
    return false;
  }

  private static boolean whole(JsonNode replica) {
    return WHOLE.contains(replica.path("state").asText()) && replica.path("lag").asLong() == 0;
  }

  /** {@return what is missing; empty when the mesh is whole} */
  private Optional<String> lack() {
    List<LocalReplica> now = mesh.replicas();
    List<String> unready = now.stream().filter(it -> !it.ready()).map(LocalReplica::pod).toList();
    if (now.size() != replicas || !unready.isEmpty()) {
      return Optional.of(now.size() + " pods, not ready: " + unready);
    }
    Optional<JsonNode> state = state();
    if (state.isEmpty()) {
      return Optional.of("no replica answers /v1/replicas");
    }
    return meshIsWhole(state.get()) ? Optional.empty() : Optional.of(state.get().toString());
  }

  private boolean meshIsWhole(JsonNode state) {
    if (state.path("replicas").size() != replicas
        || !state.path("api").asText().equals("confirmed")
        || !state.path("leader").asText().equals(reach.leader())
        || state.path("open").asLong() != state.path("version").asLong()) {
      return false;
    }
    for (JsonNode replica : state.path("replicas")) {
      if (!whole(replica)) {
        return false;
      }
    }
    return true;
  }

  /** {@return the mesh as its leader counts it, asked at the first replica that answers} */
  private Optional<JsonNode> state() {
    for (LocalReplica replica : mesh.replicas()) {
      try {
        MeshQuestions.Answer answer = questions.get(replica.api(), "/v1/replicas", QUESTION);
        if (answer.status() == 200) {
          return Optional.of(answer.body());
        }
      } catch (UncheckedIOException e) {
        // It is away: the next one is asked.
      }
    }
    return Optional.empty();
  }
}
