package dev.lockstep.agent;

import dev.lockstep.agent.proxy.account.RouteFigures;
import dev.lockstep.agent.proxy.account.RouteFigures.Histogram;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/**
 * The data plane's figures by route, as Prometheus reads them. They are added up when somebody
 * looks, and rows of routes that are no more are not there any more. Thread-safe.
 *
 * @param figures as they stand
 */
record RouteMeters(Supplier<List<RouteFigures.Reading>> figures) implements MultiCollector {
  private static final List<String> CODES = List.of("none", "1xx", "2xx", "3xx", "4xx", "5xx");

  @Override
  public MetricSnapshots collect() {
    List<RouteFigures.Reading> readings = figures.get();
    return MetricSnapshots.of(
        requests(readings),
        bytes(
            "lockstep_proxy_request_bytes",
            "Bytes of requests' bodies that were passed on, by route",
            readings,
            RouteFigures.Reading::bytesIn),
        bytes(
            "lockstep_proxy_response_bytes",
            "Bytes of answers' bodies that were passed on, by route",
            readings,
            RouteFigures.Reading::bytesOut),
        histogram(
            "lockstep_proxy_request_duration_seconds",
            "Time from a whole request head to the end of its answer, tunnels aside, by route",
            readings,
            RouteFigures.Reading::duration),
        histogram(
            "lockstep_proxy_first_byte_seconds",
            "Time from a whole request head to the head of its backend's answer, by route",
            readings,
            RouteFigures.Reading::firstByte));
  }

  private static CounterSnapshot requests(List<RouteFigures.Reading> readings) {
    CounterSnapshot.Builder rows =
        CounterSnapshot.builder()
            .name("lockstep_proxy_requests")
            .help("Requests that are over, by route and class of their answer's status");
    for (RouteFigures.Reading reading : readings) {
      for (int i = 0; i < CODES.size(); i++) {
        Labels labels = Labels.of("route", reading.route(), "code", CODES.get(i));
        rows.dataPoint(row(labels, reading.codes().get(i)));
      }
    }
    return rows.build();
  }

  private static CounterSnapshot bytes(
      String name,
      String doc,
      List<RouteFigures.Reading> readings,
      ToLongFunction<RouteFigures.Reading> bytes) {
    CounterSnapshot.Builder rows = CounterSnapshot.builder().name(name).help(doc);
    for (RouteFigures.Reading reading : readings) {
      rows.dataPoint(row(Labels.of("route", reading.route()), bytes.applyAsLong(reading)));
    }
    return rows.build();
  }

  private static CounterDataPointSnapshot row(Labels labels, long value) {
    return CounterDataPointSnapshot.builder().labels(labels).value(value).build();
  }

  private static HistogramSnapshot histogram(
      String name,
      String doc,
      List<RouteFigures.Reading> readings,
      Function<RouteFigures.Reading, Histogram> times) {
    HistogramSnapshot.Builder rows = HistogramSnapshot.builder().name(name).help(doc);
    for (RouteFigures.Reading reading : readings) {
      Histogram histogram = times.apply(reading);
      rows.dataPoint(
          HistogramDataPointSnapshot.builder()
              .labels(Labels.of("route", reading.route()))
              .classicHistogramBuckets(
                  ClassicHistogramBuckets.of(Histogram.bounds(), histogram.counts()))
              .sum(histogram.seconds())
              .build());
    }
    return rows.build();
  }
}
