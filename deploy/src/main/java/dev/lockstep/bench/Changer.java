package dev.lockstep.bench;

import dev.lockstep.bench.load.Reply;
import dev.lockstep.local.kubelet.LocalReplica;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Makes one change at a time, with all replicas watched and the barrier asked. Confined to one
 * thread, but for its pollers.
 */
final class Changer implements AutoCloseable {
  /** The load on the machine by which the mesh is watched: requests per second, all together. */
  static final int POLLS_PER_SECOND = 3_000;

  private static final long READY_SECONDS = 10;
  private static final RouteObjects.Route ROUTE = new RouteObjects.Route("changed");

  private final List<String> pods;
  private final List<Poller> pollers;
  private final ApiWriter writer;
  private final BarrierCaller barriers;
  private String leaseVersion;
  private int turn;

  /** Watches these replicas. */
  Changer(List<LocalReplica> replicas, ApiWriter writer) {
    Duration period =
        Duration.ofSeconds(1).multipliedBy(replicas.size()).dividedBy(POLLS_PER_SECOND);
    this.pods = replicas.stream().map(LocalReplica::pod).toList();
    this.pollers =
        replicas.stream().map(it -> new Poller(it.http(), ROUTE.host(), period)).toList();
    this.barriers = new BarrierCaller(replicas.stream().map(LocalReplica::api).toList());
    this.writer = writer;
    this.leaseVersion =
        writer
            .create(RouteObjects.leases(), RouteObjects.comparedLease("", turn))
            .resourceVersion();
  }

  /** Makes a change; empty when it did not go through, which is then counted as a fault. */
  Optional<Measured> make(Change change, Faults faults) throws InterruptedException {
    Watch watch = new Watch(change, pollers.size());
    List<CompletableFuture<Sighting>> results =
        pollers.stream().map(poller -> poller.begin(watch)).toList();
    if (!watch.awaitReady(READY_SECONDS)) {
      throw new IllegalStateException("replicas: do not answer within " + READY_SECONDS + " s");
    }
    // Under the same load as the change itself, or the comparison would be unfair.
    long put = putLease();
    ApiWriter.Written written = write(change);
    Reply opened = await(change, written);
    watch.open(opened.endedAt());
    List<Sighting> sightings = results.stream().map(CompletableFuture::join).toList();
    for (int i = 0; i < pods.size(); i++) {
      faults.count(pods.get(i), sightings.get(i), change);
    }
    if (opened.status() != 200) {
      faults.countClosed(change, opened);
      return Optional.empty();
    }
    return times(written, opened, sightings)
        .map(it -> new Measured(change, it.live, it.barrier, it.skew, put));
  }

  @Override
  public void close() {
    pollers.forEach(Poller::close);
    barriers.close();
  }

  /** The times of a change, in nanoseconds since the write was acknowledged. */
  private record Times(long live, long barrier, long skew) {}

  private Optional<Times> times(ApiWriter.Written written, Reply opened, List<Sighting> sightings) {
    List<Long> live = new ArrayList<>();
    sightings.forEach(sighting -> sighting.liveAt().ifPresent(live::add));
    if (live.size() < pods.size()) {
      return Optional.empty();
    }
    long first = live.stream().mapToLong(it -> it).min().orElseThrow();
    long last = live.stream().mapToLong(it -> it).max().orElseThrow();
    long acknowledged = written.reply().begunAt();
    return Optional.of(
        new Times(last - acknowledged, opened.endedAt() - acknowledged, last - first));
  }

  private ApiWriter.Written write(Change change) {
    return switch (change) {
      case CREATE -> writer.create(RouteObjects.ingresses(), ROUTE.json(Change.FIRST_BACKEND));
      case UPDATE -> writer.replace(ROUTE.path(), ROUTE.json(Change.SECOND_BACKEND));
      case DELETE -> writer.delete(ROUTE.path());
    };
  }

  private Reply await(Change change, ApiWriter.Written written) {
    return switch (change) {
      case CREATE, UPDATE -> barriers.present(ROUTE, written.resourceVersion());
      case DELETE -> barriers.absent(ROUTE);
    };
  }

  private long putLease() {
    turn++;
    ApiWriter.Written written =
        writer.replace(
            RouteObjects.comparedLease(), RouteObjects.comparedLease(leaseVersion, turn));
    leaseVersion = written.resourceVersion();
    return written.reply().begunAt() - written.sentAt();
  }
}
