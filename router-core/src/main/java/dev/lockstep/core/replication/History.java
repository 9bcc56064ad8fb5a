package dev.lockstep.core.replication;

import dev.lockstep.core.config.Digest;
import dev.lockstep.core.config.Snapshot;
import dev.lockstep.core.config.Version;
import dev.lockstep.core.protocol.NanoTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The newest versions that this leader has served, so that a follower that is a few behind gets a
 * delta and not everything. Configs share their unchanged parts, so this costs little.
 *
 * @param records oldest first
 */
public record History(List<Committed> records) {
  private static final int BOUND = 64;

  /** A version, and when its commit was confirmed. */
  public record Committed(Snapshot snapshot, NanoTime at) {}

  /** No version yet. */
  public static final History EMPTY = new History(List.of());

  public History {
    records = List.copyOf(records);
  }

  /** {@return this history with a newer version} */
  public History with(Snapshot snapshot, NanoTime at) {
    List<Committed> longer = new ArrayList<>(records);
    longer.add(new Committed(snapshot, at));
    return new History(longer.size() > BOUND ? longer.subList(1, longer.size()) : longer);
  }

  /** {@return the config of this version, if it is still known} */
  public Optional<Snapshot> find(Version version) {
    return record(version).map(Committed::snapshot);
  }

  /** {@return the config with this digest, if it is still known} */
  public Optional<Snapshot> find(Digest digest) {
    return records.stream()
        .map(Committed::snapshot)
        .filter(snapshot -> snapshot.digest().equals(digest))
        .findFirst();
  }

  /** {@return when this version was committed, if this leader knows} */
  public Optional<NanoTime> committedAt(Version version) {
    return record(version).map(Committed::at);
  }

  private Optional<Committed> record(Version version) {
    for (int i = records.size() - 1; i >= 0; i--) {
      if (records.get(i).snapshot().version().equals(version)) {
        return Optional.of(records.get(i));
      }
    }
    return Optional.empty();
  }
}
