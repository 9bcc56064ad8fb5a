package dev.lockstep.sim.invariant;

import dev.lockstep.core.config.Digest;
import dev.lockstep.core.config.ObjectKey;
import dev.lockstep.core.config.Version;
import dev.lockstep.core.protocol.Answer;
import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.Event;
import dev.lockstep.core.protocol.Observation;
import dev.lockstep.core.protocol.Question;
import dev.lockstep.core.protocol.ReplicaId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * An answer about an object is true of the version that it names and of every later one that any
 * data plane ever serves (I4, trap 1): after "present since R" no later version serves an older
 * form of the object, or drops it while it exists; after "absent" no later version serves a form
 * from before.
 */
final class ObjectAnswersHold implements Invariant {

  private record Key(ReplicaId replica, long question) {}

  private record Asked(Question.AtObject about, long revision) {}

  /** After this version, a form of this object must be from a write after {@code bound}. */
  private record Promise(
      ObjectKey object, Version since, Observation.State state, long bound, Key key) {}

  private final Map<Key, Asked> asked = new LinkedHashMap<>();
  private final Map<ObjectKey, List<Promise>> promises = new LinkedHashMap<>();
  private final TreeMap<Version, Digest> versions = new TreeMap<>();

  @Override
  public void observe(Fact fact, Mesh mesh) {
    if (fact instanceof Fact.LoopServes serves) {
      onVersion(serves.snapshot().version(), serves.snapshot().digest(), mesh);
    } else if (fact instanceof Fact.Stepped step) {
      onStep(step, mesh);
    }
  }

  private void onStep(Fact.Stepped step, Mesh mesh) {
    if (step.event() instanceof Event.Asked(Question question)
        && question.about() instanceof Question.AtObject about) {
      asked.put(new Key(step.replica(), question.id()), new Asked(about, mesh.revision()));
    }
    for (Effect effect : step.effects()) {
      if (effect instanceof Effect.Reply(var id, Answer.Open open)) {
        Key key = new Key(step.replica(), id);
        Asked question = asked.remove(key);
        if (question != null) {
          onOpen(key, question, open.version(), mesh);
        }
      }
    }
  }

  private void onOpen(Key key, Asked question, Version version, Mesh mesh) {
    ObjectKey object = question.about.object();
    List<Mesh.ObjectWrite> writes = mesh.writes(object);
    long base = question.about.resourceVersion().orElse(question.revision);
    OptionalLong bound =
        question.about.state() == Observation.State.PRESENT
            ? oldestFormSince(writes, base)
            : absentSince(writes, base, mesh.revision());
    if (bound.isEmpty()) {
      throw new Violation(this, key + " was never so: " + question.about + " -> " + version);
    }
    Promise promise = new Promise(object, version, question.about.state(), bound.getAsLong(), key);
    promises.computeIfAbsent(object, o -> new ArrayList<>()).add(promise);
    for (var known : versions.tailMap(version, true).entrySet()) {
      holds(promise, known.getKey(), mesh.contents(known.getValue()), mesh);
    }
  }

  private void onVersion(Version version, Digest digest, Mesh mesh) {
    if (versions.put(version, digest) != null || promises.isEmpty()) {
      return;
    }
    Map<ObjectKey, Long> contents = mesh.contents(digest);
    promises.forEach((object, all) -> all.forEach(one -> holds(one, version, contents, mesh)));
  }

  private void holds(Promise promise, Version version, Map<ObjectKey, Long> contents, Mesh mesh) {
    if (promise.since.isAfter(version)) {
      return;
    }
    Long form = contents.get(promise.object);
    boolean holds =
        switch (promise.state) {
          case ABSENT -> form == null || form > promise.bound;
          case PRESENT ->
              form != null
                  ? form >= promise.bound
                  : version.isAfter(promise.since)
                      && mayBeMissing(mesh.writes(promise.object), promise);
        };
    if (!holds) {
      throw new Violation(
          this,
          "version "
              + version
              + " serves "
              + promise.object
              + " as "
              + form
              + ", against "
              + promise);
    }
  }

  /** The oldest form that may be served once the object is there as of this revision. */
  private static OptionalLong oldestFormSince(List<Mesh.ObjectWrite> writes, long revision) {
    OptionalLong form = OptionalLong.empty();
    for (Mesh.ObjectWrite write : writes) {
      boolean routed =
          switch (write.form()) {
            case ROUTED, POISON, MODERN -> true;
            case IGNORED, QUARANTINED, DELETED -> false;
          };
      if (write.revision() <= revision) {
        form = routed ? OptionalLong.of(write.since()) : OptionalLong.empty();
      } else if (routed && form.isEmpty()) {
        form = OptionalLong.of(write.since());
      }
    }
    return form;
  }

  /** The first revision, not before this one, at which the object did not exist. */
  private static OptionalLong absentSince(
      List<Mesh.ObjectWrite> writes, long revision, long newest) {
    boolean exists = false;
    for (Mesh.ObjectWrite write : writes) {
      if (write.revision() > revision && !exists) {
        break;
      }
      exists = write.form() != Mesh.Form.DELETED;
      if (write.revision() > revision && !exists) {
        return OptionalLong.of(write.revision());
      }
    }
    return exists || revision > newest ? OptionalLong.empty() : OptionalLong.of(revision);
  }

  /** Something else became of it; or an older build, which does not know its kind, leads now. */
  private static boolean mayBeMissing(List<Mesh.ObjectWrite> writes, Promise promise) {
    return writes.stream()
        .anyMatch(
            write ->
                write.form() == Mesh.Form.MODERN
                    ? write.revision() >= promise.bound
                    : write.revision() > promise.bound && write.form() != Mesh.Form.ROUTED);
  }
}
