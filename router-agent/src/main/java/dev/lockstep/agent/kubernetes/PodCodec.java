package dev.lockstep.agent.kubernetes;

import dev.lockstep.core.config.Epoch;
import dev.lockstep.core.config.Version;
import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.Pod;
import dev.lockstep.core.protocol.PodId;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodConditionBuilder;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodStatus;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Translates between the Pod object and the register that the mesh makes of it.
 *
 * <p>All that a leader writes lies in one condition, so that it changes by one compare-and-swap:
 * its status says whether the replica is in sync, its message begins with the stamp, {@code epoch=7
 * version=42 alias=router1}, followed by the reason for people.
 */
final class PodCodec {
  /** The readiness gate, and the condition that opens it. */
  static final String GATE = "lockstep.dev/in-sync";

  /** Name of the container that runs the router. */
  static final String CONTAINER = "router";

  private static final String READY = "Ready";
  private static final String TRUE = "True";
  private static final String FALSE = "False";
  private static final int LONGEST_REASON = 512;

  private PodCodec() {}

  /** {@return what the object says} */
  static Pod decode(io.fabric8.kubernetes.api.model.Pod object) {
    var meta = object.getMetadata();
    PodSpec spec = object.getSpec() == null ? new PodSpec() : object.getSpec();
    PodStatus status = object.getStatus() == null ? new PodStatus() : object.getStatus();
    PodStamp stamp =
        status.getConditions().stream()
            .filter(it -> GATE.equals(it.getType()))
            .findFirst()
            .map(found -> PodStamp.parse(found.getMessage()))
            .orElse(PodStamp.NONE);
    String node = spec.getNodeName() == null ? "" : spec.getNodeName();
    return new Pod(
        new PodId(meta.getName(), meta.getUid()),
        Long.parseLong(meta.getResourceVersion()),
        holds(status, GATE, TRUE) ? Pod.Condition.IN_SYNC : Pod.Condition.NOT_IN_SYNC,
        stamp.epoch(),
        stamp.version(),
        stamp.alias(),
        process(status, node),
        isLeaving(meta.getDeletionTimestamp(), status) ? Pod.Phase.LEAVING : Pod.Phase.PRESENT,
        hasGate(spec) ? Pod.Gate.PRESENT : Pod.Gate.MISSING,
        node);
  }

  private static boolean holds(PodStatus status, String type, String value) {
    return status.getConditions().stream()
        .anyMatch(it -> type.equals(it.getType()) && value.equals(it.getStatus()));
  }

  private static boolean isLeaving(@Nullable String deletionTimestamp, PodStatus status) {
    return deletionTimestamp != null
        || "Succeeded".equals(status.getPhase())
        || "Failed".equals(status.getPhase());
  }

  private static boolean hasGate(PodSpec spec) {
    return spec.getReadinessGates().stream().anyMatch(gate -> GATE.equals(gate.getConditionType()));
  }

  /**
   * Only a kubelet's own word, or that no kubelet was ever asked, counts as "not running": to take
   * a living process for dead breaks promises, the reverse only costs time.
   */
  private static Pod.Process process(PodStatus status, String node) {
    Optional<ContainerState> state =
        status.getContainerStatuses().stream()
            .filter(container -> CONTAINER.equals(container.getName()))
            .map(ContainerStatus::getState)
            .findFirst();
    boolean dead =
        state
            .map(known -> known.getTerminated() != null || known.getWaiting() != null)
            .orElse(status.getContainerStatuses().isEmpty() && neverStarted(status, node));
    if (dead) {
      return Pod.Process.NOT_RUNNING;
    }
    boolean unready = holds(status, GATE, TRUE) && holds(status, READY, FALSE);
    return unready ? Pod.Process.UNREADY : Pod.Process.RUNNING;
  }

  private static boolean neverStarted(PodStatus status, String node) {
    return node.isEmpty() && "Pending".equals(status.getPhase());
  }

  /**
   * {@return the strategic merge patch that makes the write}
   *
   * <p>It carries uid and resourceVersion, which the API server compares before it merges, and of
   * the conditions only ours, which it merges by type: so a kubelet's conditions are never undone.
   */
  static io.fabric8.kubernetes.api.model.Pod patch(Effect.WritePod write, Instant now) {
    Pod base = write.base();
    PodStamp stamp = new PodStamp(write.stamp(), write.version(), write.alias());
    PodConditionBuilder condition =
        new PodConditionBuilder()
            .withType(GATE)
            .withStatus(write.condition() == Pod.Condition.IN_SYNC ? TRUE : "False")
            .withReason("Epoch" + write.stamp())
            .withMessage(stamp.text() + " " + shortened(write.reason()));
    if (write.condition() != base.condition() || base.stamp().equals(Epoch.NONE)) {
      condition.withLastTransitionTime(now.truncatedTo(ChronoUnit.SECONDS).toString());
    }
    return new PodBuilder()
        .withNewMetadata()
        .withName(base.id().name())
        .withUid(base.id().uid())
        .withResourceVersion(Long.toString(base.resourceVersion()))
        .endMetadata()
        .withNewStatus()
        .withConditions(List.of(condition.build()))
        .endStatus()
        .build();
  }

  private static String shortened(String reason) {
    return reason.length() <= LONGEST_REASON ? reason : reason.substring(0, LONGEST_REASON);
  }

  /**
   * What a leader leaves on a pod beside the condition's status.
   *
   * @param epoch of the leader
   * @param version newest one that it knew to be committed
   * @param alias short name of the replica, without spaces
   */
  record PodStamp(Epoch epoch, Version version, String alias) {
    static final PodStamp NONE = new PodStamp(Epoch.NONE, Version.NONE, "");
    private static final int DIGITS = 18;

    String text() {
      return "epoch=" + epoch + " version=" + version + " alias=" + alias;
    }

    /** {@return the stamp at the beginning of the message; none if there is no whole one} */
    static PodStamp parse(@Nullable String message) {
      if (message == null) {
        return NONE;
      }
      String[] words = message.split(" ", 4);
      if (words.length < 3) {
        return NONE;
      }
      long epoch = number(words[0], "epoch=");
      long version = number(words[1], "version=");
      if (epoch < 0 || version < 0 || !words[2].startsWith("alias=")) {
        return NONE;
      }
      return new PodStamp(
          new Epoch(epoch), new Version(version), words[2].substring("alias=".length()));
    }

    private static long number(String word, String prefix) {
      String digits = word.startsWith(prefix) ? word.substring(prefix.length()) : "";
      boolean plain =
          !digits.isEmpty()
              && digits.length() <= DIGITS
              && digits.chars().allMatch(c -> c >= '0' && c <= '9');
      return plain ? Long.parseLong(digits) : -1;
    }
  }
}
