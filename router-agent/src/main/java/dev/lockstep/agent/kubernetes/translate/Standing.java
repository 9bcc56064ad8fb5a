package dev.lockstep.agent.kubernetes.translate;

import dev.lockstep.core.protocol.Observation.Verdict;
import java.util.ArrayList;
import java.util.List;

/**
 * What routing makes of an object at the moment.
 *
 * @param verdict in one word
 * @param reason for people, empty if there is nothing to say
 * @param concern whether anybody needs to know at all
 */
record Standing(Verdict verdict, String reason, Concern concern) {

  /** Whether anybody needs to know about an object. */
  enum Concern {
    /** It asks for routes, or routes depend on it. */
    OURS,
    /** It has nothing to do with us. */
    NOT_OURS
  }

  /** Text of tenants goes in; an answer is not for their novels. */
  private static final int LONGEST_REASON = 1000;

  static Standing foreign(String reason) {
    return new Standing(Verdict.IGNORED, reason, Concern.NOT_OURS);
  }

  static Standing of(Verdict verdict, List<String> reasons) {
    List<String> said = new ArrayList<>(reasons);
    said.removeIf(String::isEmpty);
    String reason = String.join("; ", said.stream().distinct().toList());
    return new Standing(
        verdict,
        reason.length() <= LONGEST_REASON ? reason : reason.substring(0, LONGEST_REASON) + "…",
        Concern.OURS);
  }
}
