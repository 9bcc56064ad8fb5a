package dev.lockstep.core.membership;

import static dev.lockstep.core.sample.Samples.address;
import static dev.lockstep.core.sample.Samples.at;
import static dev.lockstep.core.sample.Samples.epoch;
import static dev.lockstep.core.sample.Samples.hello;
import static dev.lockstep.core.sample.Samples.pod;
import static dev.lockstep.core.sample.Samples.podId;
import static dev.lockstep.core.sample.Samples.replica;
import static dev.lockstep.core.sample.Samples.version;

import dev.lockstep.core.config.Snapshot;
import dev.lockstep.core.config.Version;
import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.LinkId;
import dev.lockstep.core.protocol.Message;
import dev.lockstep.core.protocol.Pod;
import dev.lockstep.core.protocol.ReplicaId;
import dev.lockstep.core.protocol.Timings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Drives the {@link InSyncSet} of leader 1 in epoch 5, whose newest version is 10, as a leader
 * does.
 */
final class SetDriver {
  static final long EPOCH = 5;
  static final Version CURRENT = version(10);

  final InSyncSet set;

  SetDriver() {
    this(Timings.STANDARD);
  }

  SetDriver(Timings timings) {
    set = new InSyncSet(podId(1), epoch(EPOCH), timings);
  }

  /** {@return a driver of a set that evicts so long after a fence} */
  static SetDriver evictingAfter(Duration time) {
    Timings t = Timings.STANDARD;
    return new SetDriver(
        new Timings(
            t.leaseDuration(),
            t.renewPeriod(),
            t.renewDeadline(),
            t.retryPause(),
            t.pollPeriod(),
            t.rankStep(),
            t.heartbeatPeriod(),
            t.linkSilence(),
            t.fenceTime(),
            t.drainTime(),
            t.lateTime(),
            t.lonelyTime(),
            time,
            t.commitsPerSecond(),
            t.commitBurst()));
  }

  /** {@return so many pods that are in sync: 2, 3, and so on} */
  static Pod[] inSync(int count) {
    Pod[] pods = new Pod[count];
    for (int i = 0; i < count; i++) {
      pods[i] = pod(i + 2, 100 + i, Pod.Condition.IN_SYNC, EPOCH);
    }
    return pods;
  }

  /** The leader has listed these pods and its own, and serves the current version. */
  void list(long millis, Pod... others) {
    List<Pod> pods = new ArrayList<>();
    pods.add(pod(1, 1, Pod.Condition.IN_SYNC, EPOCH));
    pods.addAll(List.of(others));
    set.onListed(pods, at(millis));
    set.onCurrent(CURRENT, at(millis));
    set.onServed(podId(1), CURRENT, at(millis));
  }

  /** {@return what is due then, but for what people are told} */
  List<Effect> advance(long millis) {
    return advanceAll(millis).stream().filter(e -> !(e instanceof Effect.Announce)).toList();
  }

  /** {@return what is due then} */
  List<Effect> advanceAll(long millis) {
    List<Effect> out = new ArrayList<>();
    set.advance(CURRENT, at(millis), out);
    return out;
  }

  /** Replica joins over link of its number, serves the current version, and has checked. */
  void join(int replica, long millis) {
    say(replica, millis);
    set.onServed(podId(replica), CURRENT, at(millis));
    set.onChecked(podId(replica), at(millis));
  }

  /** Replica says hello over the link of its number. */
  void say(int replica, long millis) {
    set.onHello(new LinkId(replica), hello(replica, Snapshot.NONE), at(millis));
  }

  /** Another process in the pod of replica says hello over the same link. */
  void sayAsAnotherRun(int replica, long millis) {
    Message.Hello hello = hello(replica, Snapshot.NONE);
    ReplicaId another = new ReplicaId(hello.replica().pod(), "another");
    Message.Hello said =
        new Message.Hello(
            another,
            hello.pod(),
            hello.epochSeen(),
            hello.versionSeen(),
            hello.applied(),
            hello.digest(),
            hello.address(),
            hello.build());
    set.onHello(new LinkId(replica), said, at(millis));
  }

  /** The link of replica breaks. */
  void lose(int replica) {
    set.onLinkLost(podId(replica), new LinkId(replica));
  }

  Member member(int replica) {
    return set.member(podId(replica)).orElseThrow();
  }

  /** {@return the attempt to reach replica} */
  static Effect probe(int replica) {
    return new Effect.Probe(replica(replica), address(replica));
  }

  /** {@return the write that excludes or stamps} */
  static Effect exclusion(Pod base, int replica, String reason) {
    return write(base, Pod.Condition.NOT_IN_SYNC, replica, reason);
  }

  /** {@return the write that admits} */
  static Effect admission(Pod base, int replica) {
    return write(base, Pod.Condition.IN_SYNC, replica, "serves version 10");
  }

  private static Effect write(Pod base, Pod.Condition condition, int replica, String reason) {
    String alias = "router" + replica;
    return new Effect.WritePod(base, condition, epoch(EPOCH), CURRENT, alias, reason);
  }

  /** {@return the pod with another process state or phase} */
  static Pod with(Pod pod, Pod.Process process, Pod.Phase phase) {
    return new Pod(
        pod.id(),
        pod.resourceVersion() + 1,
        pod.condition(),
        pod.stamp(),
        pod.version(),
        pod.alias(),
        process,
        phase,
        pod.gate(),
        pod.node());
  }
}
