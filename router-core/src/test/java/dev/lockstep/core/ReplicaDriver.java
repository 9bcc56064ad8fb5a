package dev.lockstep.core;

import static dev.lockstep.core.sample.Samples.at;
import static dev.lockstep.core.sample.Samples.blankLease;
import static dev.lockstep.core.sample.Samples.config;
import static dev.lockstep.core.sample.Samples.hello;
import static dev.lockstep.core.sample.Samples.identity;
import static dev.lockstep.core.sample.Samples.pod;
import static dev.lockstep.core.sample.Samples.podId;
import static dev.lockstep.core.sample.Samples.written;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.core.config.Epoch;
import dev.lockstep.core.config.RouterConfig;
import dev.lockstep.core.config.Snapshot;
import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.Event;
import dev.lockstep.core.protocol.Lease;
import dev.lockstep.core.protocol.LinkId;
import dev.lockstep.core.protocol.Message;
import dev.lockstep.core.protocol.Observation;
import dev.lockstep.core.protocol.Pod;
import dev.lockstep.core.protocol.Timings;
import dev.lockstep.core.protocol.Transition;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Drives replica 1 as a shell does, one event at a time, at moments in milliseconds. Keeps every
 * event and every effect.
 */
final class ReplicaDriver {
  /** One event, and when. */
  record Moment(Event event, long millis) {}

  final List<Moment> script = new ArrayList<>();
  final List<Effect> all = new ArrayList<>();
  Replica replica = Replica.create(identity(1), Timings.STANDARD);
  long now;
  private Optional<Lease> unconfirmed = Optional.empty();

  /** {@return what this event leads to, a few milliseconds after the last one} */
  List<Effect> step(Event event) {
    return stepAt(now + 5, event);
  }

  /** {@return what this event leads to at that moment} */
  List<Effect> stepAt(long millis, Event event) {
    now = millis;
    script.add(new Moment(event, millis));
    Transition<Replica> next = replica.step(event, at(millis));
    replica = next.state();
    all.addAll(next.effects());
    if (isOutcome(event)) {
      unconfirmed = Optional.empty();
    }
    only(Effect.WriteLease.class, next.effects())
        .forEach(write -> unconfirmed = Optional.of(write.lease()));
    return next.effects();
  }

  private static boolean isOutcome(Event event) {
    return event instanceof Event.LeaseWritten || event instanceof Event.LeaseWriteUnresolved;
  }

  /** {@return what has become due at that moment, with all steps that are due before} */
  List<Effect> passTo(long millis) {
    List<Effect> effects = new ArrayList<>();
    while (replica.nextDeadline().isBefore(at(millis))) {
      long due = replica.nextDeadline().since(at(0)).plusNanos(999_999).toMillis();
      effects.addAll(stepAt(Math.max(due, now), new Event.TimePassed()));
    }
    effects.addAll(stepAt(millis, new Event.TimePassed()));
    return effects;
  }

  /** {@return the effects of one kind} */
  static <E extends Effect> List<E> only(Class<E> kind, List<Effect> effects) {
    return effects.stream().filter(kind::isInstance).map(kind::cast).toList();
  }

  /** {@return the messages to this link} */
  static List<Message> sent(int link, List<Effect> effects) {
    return only(Effect.Send.class, effects).stream()
        .filter(send -> send.link().equals(new LinkId(link)))
        .map(Effect.Send::message)
        .toList();
  }

  // A leader.

  /** Starts with nothing, finds this Lease, and takes it. The last Lease as it was confirmed. */
  Lease lead(Lease free) {
    step(new Event.Started(Optional.empty()));
    step(new Event.LeaseRead(free));
    return confirmWrite();
  }

  /** Waits until a write of the Lease is under way, and confirms it. */
  Lease confirmWrite() {
    for (int i = 0; unconfirmed.isEmpty(); i++) {
      long due = replica.nextDeadline().since(at(0)).plusNanos(999_999).toMillis();
      List<Effect> effects = stepAt(Math.max(due, now), new Event.TimePassed());
      if (effects.contains(new Effect.ReadLease())) {
        step(new Event.LeaseReadFailed("not now"));
      }
      assertThat(i).as("steps without a write of the Lease").isLessThan(1_000);
    }
    return confirm(unconfirmed.get());
  }

  Lease confirm(Lease sent) {
    Lease confirmed = written(sent, sent.resourceVersion() + 1);
    step(new Event.LeaseWritten(confirmed));
    return confirmed;
  }

  /** Leads from a blank Lease, with its own pod and these, and has read no sources yet. */
  Lease leadWith(Pod... others) {
    Lease lease = lead(blankLease(100));
    List<Pod> pods = new ArrayList<>();
    pods.add(pod(1, 1, Pod.Condition.NOT_IN_SYNC, 0));
    pods.addAll(List.of(others));
    step(new Event.PodsListed(lease.epoch(), pods));
    return lease;
  }

  /** Observes this config, commits it, and serves it. */
  Lease serve(String name, Observation... seen) {
    Lease bound = commit(config(name), seen);
    step(new Event.Installed(bound.version()));
    return bound;
  }

  /** Observes this config and commits it; it is not served yet. */
  Lease commit(RouterConfig config, Observation... seen) {
    step(new Event.SourcesObserved(epochNow(), config, List.of(seen)));
    Lease confirmed = confirmWrite();
    while (!confirmed.digest().equals(Optional.of(config.digest()))) {
      confirmed = confirmWrite();
    }
    return confirmed;
  }

  Epoch epochNow() {
    return replica.view().epoch();
  }

  /** Follower connects over the link of its number and says what it serves. */
  List<Effect> join(int follower, Snapshot applied) {
    step(new Event.FollowerConnected(new LinkId(follower), podId(follower)));
    return say(follower, hello(follower, applied));
  }

  List<Effect> say(int follower, Message message) {
    return step(new Event.Received(new LinkId(follower), message));
  }

  /** Follower acks this version, and has checked the Lease. */
  List<Effect> ack(int follower, Snapshot served) {
    say(follower, new Message.Ack(epochNow(), served.version(), served.digest()));
    return say(follower, new Message.Checked(epochNow()));
  }

  Snapshot served() {
    return new Snapshot(replica.view().served(), replica.view().digest(), replica.view().config());
  }
}
