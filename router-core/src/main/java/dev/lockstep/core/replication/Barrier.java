package dev.lockstep.core.replication;

import dev.lockstep.core.config.ObjectKey;
import dev.lockstep.core.config.OrderedMap;
import dev.lockstep.core.config.Version;
import dev.lockstep.core.protocol.Answer;
import dev.lockstep.core.protocol.NanoTime;
import dev.lockstep.core.protocol.Observation;
import dev.lockstep.core.protocol.Question;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Who waits for what, and the newest version that is open.
 *
 * <p>Invariant: {@code open} never falls: once open, a barrier stays open.
 *
 * @param open every counted replica had acked it
 * @param waiting questions without an answer yet
 */
public record Barrier(Version open, OrderedMap<Waiting> waiting) {

  /** Nothing is open, nobody waits. */
  public static final Barrier CLOSED = new Barrier(Version.NONE, OrderedMap.empty());

  /**
   * One question.
   *
   * @param question as asked
   * @param observed whether its object was read since it arrived
   * @param version that it came down to, once that is known
   */
  public record Waiting(Question question, boolean observed, Optional<Version> version) {}

  /** What a question comes down to. */
  public sealed interface Target {
    /** Wait until this version is open. */
    record At(Version version) implements Target {}

    /** Nothing to wait for yet. */
    record Later(String reason) implements Target {}

    /** There is nothing to wait for. */
    record Final(Answer answer) implements Target {}
  }

  /** {@return the barrier raised to this version, if that is newer} */
  public Barrier raise(Version version) {
    return version.isAfter(open) ? new Barrier(version, waiting) : this;
  }

  /** {@return the barrier with one more question} */
  public Barrier ask(Question question) {
    return put(new Waiting(question, false, Optional.empty()));
  }

  /** {@return the barrier after the object of a question was read} */
  public Barrier observed(long question) {
    return find(question)
        .map(known -> put(new Waiting(known.question(), true, known.version())))
        .orElse(this);
  }

  /** {@return the barrier in which the question waits for this version, whatever comes later} */
  public Barrier settle(Waiting known, Version version) {
    return put(new Waiting(known.question(), known.observed(), Optional.of(version)));
  }

  /** {@return the barrier in which all questions wait for the version that comes next} */
  public Barrier lift() {
    Barrier lifted = this;
    for (Waiting known : waiting.values()) {
      if (known.version().isPresent()) {
        lifted = lifted.put(new Waiting(known.question(), known.observed(), Optional.empty()));
      }
    }
    return lifted;
  }

  /** {@return the barrier without the question} */
  public Barrier forget(long question) {
    return new Barrier(open, waiting.without(key(question)));
  }

  /** {@return the question, if it waits} */
  public Optional<Waiting> find(long question) {
    return waiting.get(key(question));
  }

  /** {@return all questions that wait} */
  public List<Waiting> questions() {
    return waiting.values();
  }

  /** {@return when the first of them must be answered} */
  public NanoTime nextDeadline() {
    NanoTime next = NanoTime.NEVER;
    for (OrderedMap.Mapping<Waiting> mapping : waiting) {
      next = NanoTime.min(next, mapping.value().question().deadline());
    }
    return next;
  }

  /**
   * {@return what a question comes down to}
   *
   * @param waiting the question
   * @param known what is known of objects
   * @param current the version that is current, once all sources have been read
   */
  public static Target target(Waiting waiting, Provenance known, Optional<Version> current) {
    if (waiting.version().isPresent()) {
      return new Target.At(waiting.version().get());
    }
    return switch (waiting.question().about()) {
      case Question.AtVersion at -> new Target.At(at.version());
      case Question.AtCurrent() ->
          current
              .<Target>map(Target.At::new)
              .orElse(new Target.Later("the leader has not read all sources yet"));
      case Question.AtObject at -> target(at, waiting.observed(), known);
    };
  }

  /** {@return whether the answer needs an observation that is newer than the question} */
  public static boolean needsReading(Question.AtObject at, Provenance known) {
    // Presence at a given resourceVersion is proven by any observation that reaches it. Absence is
    // a claim about what comes next as well: only a later observation can support it.
    return at.state() == Observation.State.ABSENT
        || at.resourceVersion().isEmpty()
        || known
            .find(at.object())
            .map(Provenance.Tracked::observation)
            .filter(seen -> seen.state() == Observation.State.PRESENT)
            .filter(seen -> seen.resourceVersion() >= at.resourceVersion().get())
            .isEmpty();
  }

  private static Target target(Question.AtObject at, boolean observed, Provenance known) {
    if (!observed && needsReading(at, known)) {
      return new Target.Later("the leader reads the object");
    }
    Optional<Provenance.Tracked> tracked = known.find(at.object());
    if (tracked.isEmpty()) {
      return new Target.Final(unknown(at.object(), "is not one that this router serves"));
    }
    return at.state() == Observation.State.ABSENT
        ? absent(tracked.get())
        : present(at, tracked.get());
  }

  private static Target absent(Provenance.Tracked tracked) {
    return tracked.observation().state() == Observation.State.PRESENT
        ? new Target.Later("the object still exists")
        : at(tracked);
  }

  private static Target present(Question.AtObject at, Provenance.Tracked tracked) {
    Observation seen = tracked.observation();
    if (seen.state() == Observation.State.ABSENT) {
      return new Target.Final(unknown(at.object(), "does not exist"));
    }
    if (at.resourceVersion().isPresent() && seen.resourceVersion() < at.resourceVersion().get()) {
      String reason =
          String.format(
              Locale.ROOT,
              "is at resourceVersion %d, older than %d",
              seen.resourceVersion(),
              at.resourceVersion().get());
      return new Target.Final(unknown(at.object(), reason));
    }
    return switch (seen.verdict()) {
      case ROUTED -> at(tracked);
      case IGNORED -> new Target.Final(unknown(at.object(), "is not routed: " + seen.reason()));
      case QUARANTINED -> new Target.Final(new Answer.Rejected(at.object(), seen.reason()));
    };
  }

  private static Target at(Provenance.Tracked tracked) {
    return tracked
        .version()
        .<Target>map(Target.At::new)
        .orElse(new Target.Later("the change is not committed yet"));
  }

  private static Answer unknown(ObjectKey object, String reason) {
    return new Answer.Unknown(object, object + " " + reason);
  }

  private Barrier put(Waiting waiting) {
    return new Barrier(open, this.waiting.with(key(waiting.question().id()), waiting));
  }

  private static String key(long question) {
    return Long.toString(question);
  }
}
