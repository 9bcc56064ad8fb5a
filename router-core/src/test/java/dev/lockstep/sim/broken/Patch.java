package dev.lockstep.sim.broken;

import java.util.List;

/**
 * One rule, broken the way somebody could have written it.
 *
 * @param name one word with hyphens
 * @param rules of docs/protocol.md that it breaks, or traps; at least one
 * @param because why it would be believable to write it so
 * @param expected name of the invariant that must notice; empty if any will do
 * @param edits what is changed; at least one
 */
record Patch(String name, List<String> rules, String because, String expected, List<Edit> edits) {

  Patch {
    rules = List.copyOf(rules);
    edits = List.copyOf(edits);
  }

  /**
   * One place.
   *
   * @param file below {@code dev/lockstep}
   * @param find what stands there now, exactly once; white space may differ
   * @param replacement what stands there instead
   */
  record Edit(String file, String find, String replacement) {}
}
