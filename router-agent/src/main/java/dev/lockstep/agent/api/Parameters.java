package dev.lockstep.agent.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lockstep.agent.wire.DurationText;
import io.vertx.core.MultiMap;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The parameters of one call, read strictly: a name that is not known is refused, because a
 * misspelt {@code minReplicas} would otherwise be an unnoticed weaker promise. All faults are told
 * at once. Confined to one call.
 */
final class Parameters {
  /** What is wrong with one parameter. */
  private record Fault(String field, String value, String expected) {
    String text() {
      return field + ": " + value + " (expected: " + expected + ")";
    }
  }

  private static final int LONGEST = 1024;

  private final MultiMap query;
  private final Map<String, String> path;
  private final List<Fault> faults = new ArrayList<>();

  Parameters(MultiMap query, Map<String, String> path, Set<String> known) {
    this.query = query;
    this.path = path;
    for (String name : query.names()) {
      List<String> values = query.getAll(name);
      if (!known.contains(name)) {
        complain(name, "unknown", known.isEmpty() ? "no parameters" : String.join(", ", known));
      } else if (values.size() > 1) {
        complain(name, "given " + values.size() + " times", "once");
      } else if (values.getFirst().length() > LONGEST) {
        complain(name, "too long", "at most " + LONGEST + " characters");
      }
    }
  }

  /** {@return the value, read; the stand-in when it is not given or not good} */
  <T> T value(String name, T standIn, String expected, Function<String, Optional<T>> parse) {
    Optional<String> text = text(name);
    if (text.isEmpty()) {
      return standIn;
    }
    Optional<T> value = parse.apply(text.get());
    if (value.isEmpty()) {
      complain(name, text.get(), expected);
    }
    return value.orElse(standIn);
  }

  /** {@return the value that must be given; empty text when it is not} */
  String required(String name, String expected) {
    String value = text(name).orElse("");
    if (value.isEmpty()) {
      complain(name, "nothing", expected);
    }
    return value;
  }

  /** {@return the value, if it is given} */
  Optional<String> text(String name) {
    return Optional.ofNullable(path.getOrDefault(name, query.get(name)));
  }

  /** {@return how long the caller wants to wait} */
  Duration timeout() {
    return value(
        "timeout",
        ApiLimits.STANDARD_TIMEOUT,
        "a duration like 500ms, 5s, 2m, at most 5m",
        text -> DurationText.parse(text).filter(t -> t.compareTo(ApiLimits.MAX_TIMEOUT) <= 0));
  }

  /** {@return a positive whole number, or the stand-in} */
  long number(String name, long standIn, long least) {
    return value(name, standIn, "a whole number, at least " + least, text -> number(text, least));
  }

  /** Adds a fault. */
  void complain(String field, String value, String expected) {
    faults.add(new Fault(field, value, expected));
  }

  /** {@return everything that is wrong, as one problem} */
  Optional<Problem> problem() {
    if (faults.isEmpty()) {
      return Optional.empty();
    }
    ObjectNode members = Json.object();
    ArrayNode errors = members.putArray("errors");
    for (Fault fault : faults) {
      errors
          .addObject()
          .put("field", fault.field())
          .put("value", fault.value())
          .put("expected", fault.expected());
    }
    String detail = faults.stream().map(Fault::text).collect(Collectors.joining("; "));
    return Optional.of(new Problem(Problem.Kind.INVALID_REQUEST, detail, members));
  }

  private static Optional<Long> number(String text, long least) {
    boolean digits =
        !text.isEmpty() && text.length() <= 18 && text.chars().allMatch(c -> c >= '0' && c <= '9');
    return digits
        ? Optional.of(Long.parseLong(text)).filter(value -> value >= least)
        : Optional.empty();
  }
}
