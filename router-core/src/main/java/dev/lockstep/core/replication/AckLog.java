package dev.lockstep.core.replication;

import dev.lockstep.core.config.Epoch;
import dev.lockstep.core.config.OrderedMap;
import dev.lockstep.core.config.Version;
import dev.lockstep.core.protocol.AckEntry;
import dev.lockstep.core.protocol.PodId;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * The leader's append-only log: no line ever changes, the oldest fall off beyond the bound, and the
 * sequence shows where.
 *
 * @param epoch of the leader
 * @param next sequence of the next line
 * @param lines by sequence
 */
public record AckLog(Epoch epoch, long next, OrderedMap<AckEntry> lines) {
  private static final int BOUND = 4096;

  /** {@return the empty log of a new leader} */
  public static AckLog of(Epoch epoch) {
    return new AckLog(epoch, 1, OrderedMap.empty());
  }

  /** What a line says, but for its place in the log. */
  public record Line(
      String alias,
      PodId pod,
      Version version,
      AckEntry.Kind kind,
      Duration after,
      String reason) {}

  /** {@return the log with one more line} */
  public AckLog append(Line line) {
    AckEntry entry =
        new AckEntry(
            next,
            epoch,
            line.alias(),
            line.pod(),
            line.version(),
            line.kind(),
            line.after(),
            line.reason());
    OrderedMap<AckEntry> longer = lines.with(key(next), entry);
    return new AckLog(epoch, next + 1, longer.without(key(next - BOUND)));
  }

  /** {@return all lines that are kept, oldest first} */
  public List<AckEntry> entries() {
    return lines.values();
  }

  private static String key(long sequence) {
    return String.format(Locale.ROOT, "%019d", Math.max(sequence, 0));
  }
}
