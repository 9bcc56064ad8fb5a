package dev.lockstep.local.kubelet;

import java.time.Instant;

/** What became of the one process of a pod. */
sealed interface ContainerState {
  /** Not started yet. */
  record Waiting() implements ContainerState {}

  /**
   * It runs.
   *
   * @param since when it was started
   */
  record Running(Instant since) implements ContainerState {}

  /**
   * It ended.
   *
   * @param since when it was started
   * @param end when it ended
   * @param exitCode its exit code
   */
  record Terminated(Instant since, Instant end, int exitCode) implements ContainerState {}
}
