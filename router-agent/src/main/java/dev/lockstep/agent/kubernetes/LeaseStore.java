package dev.lockstep.agent.kubernetes;

import dev.lockstep.agent.kubernetes.source.Calls;
import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.Event;
import dev.lockstep.core.protocol.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.time.InstantSource;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The Lease as a register: each effect is one request, each request has exactly one outcome event.
 *
 * <p>A write is a PUT that carries uid and resourceVersion, so it replaces exactly what its writer
 * saw or nothing, and a deleted Lease is not made again by a late PUT. Every other outcome than a
 * confirmation is unresolved, a conflict included: it may be with one's own earlier attempt.
 *
 * <p>Thread-safe; the state is what was seen last, to keep what is not ours.
 */
final class LeaseStore {
  /** Two machines may be behind by this much before the client's own time-out is overruled. */
  private static final Duration GRACE = Duration.ofMillis(200);

  /** What was sent last: a retry repeats it byte for byte, because the first may still land. */
  private record Sent(Lease lease, io.fabric8.kubernetes.api.model.coordination.v1.Lease object) {}

  private final KubernetesClient client;
  private final KubernetesSettings settings;
  private final InstantSource clock;
  private final Calls calls;
  private volatile io.fabric8.kubernetes.api.model.coordination.v1.@Nullable Lease seen;
  private volatile @Nullable Sent sent;

  LeaseStore(
      KubernetesClient client,
      KubernetesSettings settings,
      Consumer<Event> events,
      InstantSource clock) {
    this.client = client;
    this.settings = settings;
    this.clock = clock;
    this.calls = new Calls(Clients.LEASE_TIMEOUT.plus(GRACE), events);
  }

  void execute(Effect.ReadLease effect) {
    calls.emit(this::read, Event.LeaseReadFailed::new);
  }

  void execute(Effect.CreateLease effect) {
    calls.emit(this::create, Event.LeaseReadFailed::new);
  }

  void execute(Effect.WriteLease effect) {
    calls.emit(() -> write(effect.lease()), Event.LeaseWriteUnresolved::new);
  }

  private Event read() {
    var found = resource().get();
    return found == null
        ? new Event.LeaseMissing()
        : new Event.LeaseRead(LeaseCodec.decode(remembered(found)));
  }

  private Event create() {
    try {
      var created = client.leases().inNamespace(settings.namespace()).resource(blank()).create();
      return new Event.LeaseRead(LeaseCodec.decode(remembered(created)));
    } catch (KubernetesClientException e) {
      if (e.getCode() == HttpURLConnection.HTTP_CONFLICT) {
        // Somebody else made it: that is what was asked for.
        return read();
      }
      throw e;
    }
  }

  private Event write(Lease lease) {
    var object = objectFor(lease);
    var written = client.leases().inNamespace(settings.namespace()).resource(object).update();
    return new Event.LeaseWritten(LeaseCodec.decode(remembered(written)));
  }

  private io.fabric8.kubernetes.api.model.coordination.v1.Lease objectFor(Lease lease) {
    Sent last = sent;
    if (last != null && last.lease.equals(lease)) {
      return last.object;
    }
    var base = seen;
    boolean known = base != null && lease.uid().equals(base.getMetadata().getUid());
    var object = LeaseCodec.encode(lease, known && base != null ? base : blank(), clock.instant());
    sent = new Sent(lease, object);
    return object;
  }

  private io.fabric8.kubernetes.api.model.coordination.v1.Lease remembered(
      io.fabric8.kubernetes.api.model.coordination.v1.Lease object) {
    seen = object;
    return object;
  }

  private io.fabric8.kubernetes.api.model.coordination.v1.Lease blank() {
    return new LeaseBuilder()
        .withNewMetadata()
        .withNamespace(settings.namespace())
        .withName(settings.lease())
        .endMetadata()
        .withNewSpec()
        .endSpec()
        .build();
  }

  private Resource<io.fabric8.kubernetes.api.model.coordination.v1.Lease> resource() {
    return client.leases().inNamespace(settings.namespace()).withName(settings.lease());
  }
}
