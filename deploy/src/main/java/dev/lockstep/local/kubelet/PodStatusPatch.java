package dev.lockstep.local.kubelet;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What a kubelet reports of a pod. As a strategic merge it names our own conditions alone, so the
 * leader's {@code lockstep.dev/in-sync} is never touched, whatever we last saw of it.
 *
 * @param state the process now
 * @param last how it ended before, if it did
 * @param restarts how many times it was started again
 * @param containerReady whether its readiness probe succeeds
 * @param gate whether the leader let it in
 */
record PodStatusPatch(
    ContainerState state,
    Optional<ContainerState> last,
    int restarts,
    boolean containerReady,
    boolean gate) {

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  boolean ready() {
    return containerReady && gate;
  }

  /**
   * {@return the patch, with its times}
   *
   * @param target the pod and its container
   * @param before what was reported last; conditions that are as before keep their times
   * @param now the time of the transitions
   */
  String json(Target target, Optional<PodStatusPatch> before, Instant now) {
    ObjectNode patch = JSON.objectNode();
    patch.putObject("metadata").put("uid", target.pod().uid());
    ObjectNode status = patch.putObject("status");
    status.put("phase", state instanceof ContainerState.Waiting ? "Pending" : "Running");
    status.put("hostIP", "127.0.0.1").put("podIP", "127.0.0.1");
    status.putArray("podIPs").addObject().put("ip", "127.0.0.1");
    ArrayNode conditions = status.putArray("conditions");
    Map<String, Boolean> unchanged = before.map(PodStatusPatch::conditions).orElse(Map.of());
    conditions()
        .forEach(
            (type, holds) -> {
              if (!holds.equals(unchanged.get(type))) {
                conditions.add(condition(type, holds, now));
              }
            });
    status.putArray("containerStatuses").add(containerStatus(target));
    return patch.toString();
  }

  /** {@return the patch that takes a pod out of traffic whose node is silent} */
  static String notReady(PodName pod, Instant now) {
    ObjectNode patch = JSON.objectNode();
    patch.putObject("metadata").put("uid", pod.uid());
    patch
        .putObject("status")
        .putArray("conditions")
        .addObject()
        .put("type", "Ready")
        .put("status", "False")
        .put("lastTransitionTime", seconds(now));
    return patch.toString();
  }

  /**
   * Whom the report is about.
   *
   * @param pod the pod; its uid is in the patch, which fails on a successor of the same name
   * @param container the name of its container
   * @param image the container's image, which nobody pulls here
   */
  record Target(PodName pod, String container, String image) {}

  private Map<String, Boolean> conditions() {
    Map<String, Boolean> conditions = new LinkedHashMap<>();
    conditions.put("PodScheduled", true);
    conditions.put("Initialized", true);
    conditions.put("ContainersReady", containerReady);
    conditions.put("Ready", ready());
    return conditions;
  }

  private ObjectNode condition(String type, boolean holds, Instant now) {
    String reason = containerReady ? "ReadinessGatesNotReady" : "ContainersNotReady";
    return JSON.objectNode()
        .put("type", type)
        .put("status", holds ? "True" : "False")
        .put("reason", holds ? "" : reason)
        .put("lastTransitionTime", seconds(now));
  }

  private ObjectNode containerStatus(Target target) {
    ObjectNode report = JSON.objectNode();
    report.put("name", target.container()).put("image", target.image()).put("imageID", "");
    report.put("restartCount", restarts).put("ready", containerReady);
    report.put("started", state instanceof ContainerState.Running);
    report.set("state", json(state));
    report.set("lastState", last.map(PodStatusPatch::json).orElseGet(JSON::objectNode));
    return report;
  }

  private static ObjectNode json(ContainerState state) {
    ObjectNode node = JSON.objectNode();
    switch (state) {
      case ContainerState.Waiting() -> node.putObject("waiting").put("reason", "ContainerCreating");
      case ContainerState.Running(Instant since) ->
          node.putObject("running").put("startedAt", seconds(since));
      case ContainerState.Terminated(Instant since, Instant end, int exitCode) ->
          node.putObject("terminated")
              .put("exitCode", exitCode)
              .put("reason", exitCode == 0 ? "Completed" : "Error")
              .put("startedAt", seconds(since))
              .put("finishedAt", seconds(end));
    }
    return node;
  }

  private static String seconds(Instant instant) {
    return instant.truncatedTo(ChronoUnit.SECONDS).toString();
  }
}
