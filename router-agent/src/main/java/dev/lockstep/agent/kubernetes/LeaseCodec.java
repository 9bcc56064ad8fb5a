package dev.lockstep.agent.kubernetes;

import dev.lockstep.core.config.Epoch;
import dev.lockstep.core.config.Version;
import dev.lockstep.core.protocol.Lease;
import dev.lockstep.core.protocol.ReplicaId;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Translates between the Lease object and the register that the mesh makes of it. Reading never
 * fails: the object may have been edited by hand. The annotations are the authority; the fields of
 * the spec mirror them for people and tools.
 */
final class LeaseCodec {
  /** For an object that names none: never waited for longer than for one of ours. */
  private static final Duration UNNAMED_DURATION = Duration.ofSeconds(5);

  /** A Lease that asks for more than this was not written by this mesh. */
  private static final Duration LONGEST_DURATION = Duration.ofMinutes(10);

  private LeaseCodec() {}

  /** {@return what the object says} */
  static Lease decode(io.fabric8.kubernetes.api.model.coordination.v1.Lease object) {
    ObjectMeta meta = object.getMetadata();
    Map<String, String> annotations = annotations(meta);
    LeaseSpec spec = object.getSpec() == null ? new LeaseSpec() : object.getSpec();
    return new Lease(
        meta.getUid(),
        Long.parseLong(meta.getResourceVersion()),
        holder(spec.getHolderIdentity()),
        duration(spec.getLeaseDurationSeconds()),
        new Epoch(LeaseAnnotations.number(annotations, LeaseAnnotations.EPOCH)),
        new Version(LeaseAnnotations.number(annotations, LeaseAnnotations.VERSION)),
        LeaseAnnotations.digest(annotations),
        LeaseAnnotations.text(annotations, LeaseAnnotations.NONCE),
        LeaseAnnotations.leader(annotations),
        LeaseAnnotations.successors(annotations));
  }

  private static Map<String, String> annotations(ObjectMeta meta) {
    return meta.getAnnotations() == null ? Map.of() : meta.getAnnotations();
  }

  private static Optional<ReplicaId> holder(@Nullable String identity) {
    return identity == null || identity.isEmpty()
        ? Optional.empty()
        : Optional.of(ReplicaId.parse(identity));
  }

  private static Duration duration(@Nullable Integer seconds) {
    if (seconds == null || seconds < 1) {
      return UNNAMED_DURATION;
    }
    Duration duration = Duration.ofSeconds(seconds);
    return duration.compareTo(LONGEST_DURATION) > 0 ? LONGEST_DURATION : duration;
  }

  /**
   * {@return the object to write}
   *
   * @param lease what it shall say, and which uid and resourceVersion it replaces
   * @param last the object as it was seen last: what is not ours is kept
   * @param now wall clock, for people only
   */
  static io.fabric8.kubernetes.api.model.coordination.v1.Lease encode(
      Lease lease, io.fabric8.kubernetes.api.model.coordination.v1.Lease last, Instant now) {
    ObjectMeta meta =
        new ObjectMetaBuilder(last.getMetadata())
            .withUid(lease.uid())
            .withResourceVersion(Long.toString(lease.resourceVersion()))
            .withAnnotations(LeaseAnnotations.write(annotations(last.getMetadata()), lease))
            .withManagedFields()
            .build();
    LeaseSpec old = last.getSpec() == null ? new LeaseSpec() : last.getSpec();
    // A PUT replaces the whole object: a field that is left out is cleared.
    @Nullable String holder = lease.holder().map(ReplicaId::toString).orElse(null);
    ZonedDateTime moment = now.truncatedTo(ChronoUnit.MICROS).atZone(ZoneOffset.UTC);
    boolean sameHolder =
        Objects.equals(holder, old.getHolderIdentity()) && old.getAcquireTime() != null;
    return new LeaseBuilder()
        .withMetadata(meta)
        .withNewSpec()
        .withHolderIdentity(holder)
        .withLeaseDurationSeconds((int) Math.max(1, lease.duration().toSeconds()))
        .withLeaseTransitions((int) Math.min(Integer.MAX_VALUE, lease.epoch().value()))
        .withAcquireTime(sameHolder ? old.getAcquireTime() : moment)
        .withRenewTime(moment)
        .endSpec()
        .build();
  }
}
