package dev.lockstep.agent.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.config.Epoch;
import dev.lockstep.core.config.Version;
import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.Pod;
import dev.lockstep.core.protocol.PodId;
import io.fabric8.kubernetes.api.model.ContainerStateBuilder;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodConditionBuilder;
import java.time.Instant;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** How a Pod object becomes a register of the mesh, and a write of the register a patch. */
final class PodCodecTest {
  private static final Instant NOW = Instant.parse("2026-02-03T04:05:06.7Z");
  private static final Pod PLAIN =
      new Pod(
          new PodId("lockstep-a", "uid-a"),
          9,
          Pod.Condition.NOT_IN_SYNC,
          Epoch.NONE,
          Version.NONE,
          "",
          Pod.Process.RUNNING,
          Pod.Phase.PRESENT,
          Pod.Gate.PRESENT,
          "node-1");

  private record Case(String name, UnaryOperator<PodBuilder> object, Pod expected) {}

  @Test
  void theConditionSaysWhetherItIsInSync() {
    check(
        List.of(
            new Case("plain", pod -> pod, PLAIN),
            new Case("in sync", pod -> condition(pod, "True", ""), with(Pod.Condition.IN_SYNC)),
            new Case("unknown", pod -> condition(pod, "Unknown", ""), PLAIN),
            new Case("false", pod -> condition(pod, "False", ""), PLAIN)));
  }

  @Test
  void theMessageBeginsWithTheStamp() {
    check(
        List.of(
            new Case(
                "stamped",
                pod -> condition(pod, "True", "epoch=7 version=42 alias=router1 applied 42"),
                stamped(7, 42, "router1")),
            new Case(
                "without a reason",
                pod -> condition(pod, "True", "epoch=7 version=42 alias=router1"),
                stamped(7, 42, "router1")),
            new Case(
                "without an alias",
                pod -> condition(pod, "True", "epoch=7 version=42 alias= fenced"),
                stamped(7, 42, "")),
            new Case(
                "edited by hand",
                pod -> condition(pod, "True", "epoch=x version=42 alias=router1"),
                with(Pod.Condition.IN_SYNC))));
  }

  @Test
  void onlyAKubeletsWordMeansThatItDoesNotRun() {
    check(
        List.of(
            new Case("terminated", pod -> state(pod, "terminated"), with(Pod.Process.NOT_RUNNING)),
            new Case("waiting", pod -> state(pod, "waiting"), with(Pod.Process.NOT_RUNNING)),
            new Case("running", pod -> state(pod, "running"), PLAIN),
            new Case("silent kubelet", pod -> phase(pod, "Pending"), PLAIN),
            new Case(
                "never scheduled",
                pod -> phase(pod, "Pending").editSpec().withNodeName(null).endSpec(),
                new Pod(
                    PLAIN.id(),
                    9,
                    Pod.Condition.NOT_IN_SYNC,
                    Epoch.NONE,
                    Version.NONE,
                    "",
                    Pod.Process.NOT_RUNNING,
                    Pod.Phase.PRESENT,
                    Pod.Gate.PRESENT,
                    ""))));
  }

  /** Rule P37. */
  @Test
  void whoIsInSyncAndNotReadyGetsNoTraffic() {
    check(
        List.of(
            new Case(
                "unready",
                pod -> ready(in(pod), "False"),
                copy(Pod.Condition.IN_SYNC, Pod.Process.UNREADY, Pod.Phase.PRESENT)),
            new Case("ready", pod -> ready(in(pod), "True"), with(Pod.Condition.IN_SYNC)),
            new Case("not known", pod -> ready(in(pod), "Unknown"), with(Pod.Condition.IN_SYNC)),
            new Case("not in sync", pod -> ready(pod, "False"), PLAIN)));
  }

  @Test
  void aPodThatEndsOrIsDeletedIsLeaving() {
    check(
        List.of(
            new Case("succeeded", pod -> phase(pod, "Succeeded"), leaving()),
            new Case("failed", pod -> phase(pod, "Failed"), leaving()),
            new Case(
                "deleted",
                pod ->
                    pod.editMetadata().withDeletionTimestamp("2026-01-01T00:00:00Z").endMetadata(),
                leaving())));
  }

  @Test
  void aForeignManifestHasNoGate() {
    check(
        List.of(
            new Case(
                "foreign manifest",
                pod -> pod.editSpec().withReadinessGates().endSpec(),
                new Pod(
                    PLAIN.id(),
                    9,
                    Pod.Condition.NOT_IN_SYNC,
                    Epoch.NONE,
                    Version.NONE,
                    "",
                    Pod.Process.RUNNING,
                    Pod.Phase.PRESENT,
                    Pod.Gate.MISSING,
                    "node-1"))));
  }

  private static void check(List<Case> table) {
    for (Case row : table) {
      assertThat(PodCodec.decode(row.object.apply(object()).build()))
          .as(row.name)
          .isEqualTo(row.expected);
    }
  }

  @Test
  void theWriteNamesTheIncarnationAndCarriesTheStamp() {
    var patch = PodCodec.patch(write(Pod.Condition.IN_SYNC), NOW);
    assertThat(patch.getMetadata().getUid()).isEqualTo("uid-a");
    assertThat(patch.getMetadata().getResourceVersion()).isEqualTo("9");
    assertThat(patch.getStatus().getConditions())
        .containsExactly(
            new PodConditionBuilder()
                .withType("lockstep.dev/in-sync")
                .withStatus("True")
                .withReason("Epoch8")
                .withMessage("epoch=8 version=43 alias=router2 applied 43")
                .withLastTransitionTime("2026-02-03T04:05:06Z")
                .build());
  }

  @Test
  void aWriteThatKeepsTheStatusKeepsItsTime() {
    Pod stamped = stamped(7, 42, "router1");
    var write =
        new Effect.WritePod(
            stamped, Pod.Condition.IN_SYNC, new Epoch(8), new Version(43), "router1", "");
    assertThat(PodCodec.patch(write, NOW).getStatus().getConditions())
        .allSatisfy(condition -> assertThat(condition.getLastTransitionTime()).isNull());
  }

  @Test
  void whatIsWrittenIsRead() {
    var condition = PodCodec.patch(write(Pod.Condition.IN_SYNC), NOW).getStatus().getConditions();
    Pod read = PodCodec.decode(object().editStatus().withConditions(condition).endStatus().build());
    assertThat(read).isEqualTo(stamped(8, 43, "router2"));
  }

  private static Effect.WritePod write(Pod.Condition condition) {
    return new Effect.WritePod(
        PLAIN, condition, new Epoch(8), new Version(43), "router2", "applied 43");
  }

  private static PodBuilder object() {
    return new PodBuilder()
        .withNewMetadata()
        .withName("lockstep-a")
        .withUid("uid-a")
        .withResourceVersion("9")
        .endMetadata()
        .withNewSpec()
        .withNodeName("node-1")
        .addNewReadinessGate("lockstep.dev/in-sync")
        .endSpec()
        .withNewStatus()
        .endStatus();
  }

  private static PodBuilder condition(PodBuilder pod, String status, String message) {
    return pod.editStatus()
        .addNewCondition()
        .withType("Ready")
        .withStatus("True")
        .endCondition()
        .addNewCondition()
        .withType("lockstep.dev/in-sync")
        .withStatus(status)
        .withMessage(message)
        .endCondition()
        .endStatus();
  }

  private static PodBuilder state(PodBuilder pod, String state) {
    ContainerStateBuilder built = new ContainerStateBuilder();
    switch (state) {
      case "terminated" -> built.withNewTerminated().withExitCode(1).endTerminated();
      case "waiting" -> built.withNewWaiting().withReason("CrashLoopBackOff").endWaiting();
      default -> built.withNewRunning().endRunning();
    }
    return pod.editStatus()
        .addNewContainerStatus()
        .withName("router")
        .withState(built.build())
        .endContainerStatus()
        .endStatus();
  }

  private static PodBuilder in(PodBuilder pod) {
    return condition(pod, "True", "");
  }

  private static PodBuilder ready(PodBuilder pod, String status) {
    return pod.editStatus()
        .addNewCondition()
        .withType("Ready")
        .withStatus(status)
        .endCondition()
        .endStatus();
  }

  private static PodBuilder phase(PodBuilder pod, String phase) {
    return pod.editStatus().withPhase(phase).endStatus();
  }

  private static Pod with(Pod.Condition condition) {
    return copy(condition, PLAIN.process(), PLAIN.phase());
  }

  private static Pod with(Pod.Process process) {
    return copy(PLAIN.condition(), process, PLAIN.phase());
  }

  private static Pod leaving() {
    return copy(PLAIN.condition(), PLAIN.process(), Pod.Phase.LEAVING);
  }

  private static Pod copy(Pod.Condition condition, Pod.Process process, Pod.Phase phase) {
    return new Pod(
        PLAIN.id(),
        9,
        condition,
        Epoch.NONE,
        Version.NONE,
        "",
        process,
        phase,
        Pod.Gate.PRESENT,
        "node-1");
  }

  private static Pod stamped(long epoch, long version, String alias) {
    return new Pod(
        PLAIN.id(),
        9,
        Pod.Condition.IN_SYNC,
        new Epoch(epoch),
        new Version(version),
        alias,
        Pod.Process.RUNNING,
        Pod.Phase.PRESENT,
        Pod.Gate.PRESENT,
        "node-1");
  }
}
