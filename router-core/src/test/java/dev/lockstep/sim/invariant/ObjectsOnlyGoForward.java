package dev.lockstep.sim.invariant;

import dev.lockstep.core.config.Epoch;
import dev.lockstep.core.config.ObjectKey;
import dev.lockstep.core.protocol.Effect;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a leader commits serves no object in an older form than what it began with, and drops one
 * only when somebody has deleted it or given it up: not when a list was partial or old, and not
 * when it cannot be served as written now (I6, I7, design §5).
 */
final class ObjectsOnlyGoForward implements Invariant {

  private final Map<Epoch, Map<ObjectKey, Long>> newest = new LinkedHashMap<>();

  @Override
  public void observe(Fact fact, Mesh mesh) {
    if (!(fact instanceof Fact.Stepped step)) {
      return;
    }
    for (Effect effect : step.effects()) {
      if (effect instanceof Effect.StartSources(var epoch, var previous)) {
        newest.put(epoch, mesh.contents(previous.digest()));
      } else if (effect instanceof Effect.Announce(Effect.Committed now)) {
        onCommitted(now, mesh);
      }
    }
  }

  private void onCommitted(Effect.Committed now, Mesh mesh) {
    Map<ObjectKey, Long> contents = mesh.contents(now.digest());
    Map<ObjectKey, Long> before = newest.put(now.epoch(), contents);
    if (before != null) {
      before.forEach(
          (object, was) -> {
            Long is = contents.get(object);
            if (is == null ? !wasGivenUp(object, was, mesh) : is < was) {
              throw new Violation(this, now + " has " + object + " of " + is + ", it was " + was);
            }
          });
    }
  }

  /** An older build gives up what it does not know. */
  private static boolean wasGivenUp(ObjectKey object, long form, Mesh mesh) {
    return mesh.writes(object).stream()
        .filter(write -> write.revision() >= form)
        .anyMatch(
            write ->
                write.form() == Mesh.Form.DELETED
                    || write.form() == Mesh.Form.IGNORED
                    || write.form() == Mesh.Form.MODERN);
  }
}
