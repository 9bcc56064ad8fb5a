package dev.lockstep.agent.metrics;

import dev.lockstep.core.ReplicaView;
import dev.lockstep.core.protocol.Effect;
import dev.lockstep.core.protocol.Message;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.model.registry.MultiCollector;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/**
 * All figures of one replica, as Prometheus reads them. What only a leader knows is exposed by the
 * leader alone, so that a sum over the mesh counts nothing twice.
 *
 * <p>Thread-safe.
 */
public final class Meters implements AutoCloseable {
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final Supplier<ReplicaView> view;
  private final NoticeMeters notices;
  private final JvmGcMetrics collector = new JvmGcMetrics();
  private final MultiGauge replicaVersions;
  private final MultiGauge replicaStates;

  /** Figures about the replica that this view shows. */
  public Meters(Supplier<ReplicaView> view) {
    this.view = view;
    this.notices = new NoticeMeters(registry);
    this.replicaVersions =
        MultiGauge.builder("lockstep.replica.version")
            .description("Version that each replica acked, exposed by the leader")
            .register(registry);
    this.replicaStates =
        MultiGauge.builder("lockstep.replicas")
            .description("Replicas by state, exposed by the leader")
            .register(registry);
    bindView();
    bindProcess();
  }

  /** Counts what the machine announces. Call it for every notice. */
  public void onNotice(Effect.Notice notice) {
    notices.onNotice(notice);
  }

  /** Counts one answered call of the API. */
  public void onApiCall(String endpoint, int status) {
    registry
        .counter("lockstep.api.requests", "endpoint", endpoint, "status", Integer.toString(status))
        .increment();
  }

  /** Exposes a count that some part of the process keeps itself; it must never go down. */
  public void counter(MeterName name, LongSupplier total) {
    FunctionCounter.builder(name.name(), total, LongSupplier::getAsLong)
        .description(name.doc())
        .tags(name.tags())
        .register(registry);
  }

  /** Exposes a value that some part of the process can tell at any time. */
  public void gauge(MeterName name, Supplier<Number> value) {
    Gauge.builder(name.name(), value)
        .description(name.doc())
        .tags(name.tags())
        .strongReference(true)
        .register(registry);
  }

  /** Exposes families whose rows come and go, made anew each time that somebody looks. */
  public void rows(MultiCollector collector) {
    registry.getPrometheusRegistry().register(collector);
  }

  /** {@return all figures in the Prometheus text format 0.0.4} */
  public String scrape() {
    List<ReplicaView.Member> members =
        view.get().leadership().map(ReplicaView.Leadership::members).orElse(List.of());
    // Replicas come and go, and so does leadership: the rows are made anew each time.
    replicaVersions.register(members.stream().map(Meters::versionRow).toList(), true);
    replicaStates.register(members.isEmpty() ? List.of() : stateRows(members), true);
    return registry.scrape();
  }

  @Override
  public void close() {
    collector.close();
    registry.close();
  }

  private void bindView() {
    gauge(MeterName.of("lockstep.epoch", "Newest epoch known"), v -> v.epoch().value());
    gauge(
        MeterName.of("lockstep.version.served", "Version that the data plane serves"),
        v -> v.served().value());
    gauge(
        MeterName.of("lockstep.leader", "1 on the leader"),
        v -> flag(v.role() == ReplicaView.Role.LEADER));
    gauge(
        MeterName.of("lockstep.leader.known", "1 when a leader is known"),
        v -> flag(v.leader().isPresent()));
    gauge(
        MeterName.of("lockstep.in.sync", "1 when the leader counts this replica as in sync"),
        v -> flag(v.standing() == Message.Standing.IN_SYNC));
    gauge(
        MeterName.of("lockstep.version.committed", "Newest version on the Lease; leader only"),
        v -> v.leadership().map(l -> l.committed().value()).orElse(0L));
    gauge(
        MeterName.of("lockstep.version.open", "Newest version whose barrier opened; leader only"),
        v -> v.leadership().map(l -> l.open().value()).orElse(0L));
    gauge(
        MeterName.of("lockstep.suspended", "1 on a leader that cannot write to the API server"),
        v -> flag(v.leadership().filter(l -> l.api() == Message.ApiAccess.SUSPENDED).isPresent()));
    gauge(
        MeterName.of("lockstep.undecidable", "1 on a leader that can answer no barrier"),
        v -> flag(v.leadership().filter(l -> !l.undecidable().isEmpty()).isPresent()));
    gauge(
        MeterName.of("lockstep.quarantined", "Objects that cannot be served; leader only"),
        v -> v.leadership().map(l -> l.quarantined().size()).orElse(0));
  }

  private void bindProcess() {
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    new UptimeMetrics().bindTo(registry);
    new FileDescriptorMetrics().bindTo(registry);
    collector.bindTo(registry);
  }

  private void gauge(MeterName name, ToDoubleFunction<ReplicaView> value) {
    gauge(name, () -> value.applyAsDouble(view.get()));
  }

  private static MultiGauge.Row<?> versionRow(ReplicaView.Member member) {
    Tags tags = Tags.of("replica", member.alias(), "pod", member.pod().name());
    return MultiGauge.Row.of(tags, member.version().value());
  }

  private static List<MultiGauge.Row<?>> stateRows(List<ReplicaView.Member> members) {
    List<MultiGauge.Row<?>> rows = new ArrayList<>();
    for (ReplicaView.MemberState state : ReplicaView.MemberState.values()) {
      long count = members.stream().filter(member -> member.state() == state).count();
      rows.add(MultiGauge.Row.of(Tags.of("state", MeterName.text(state)), count));
    }
    return rows;
  }

  private static double flag(boolean value) {
    return value ? 1 : 0;
  }
}
