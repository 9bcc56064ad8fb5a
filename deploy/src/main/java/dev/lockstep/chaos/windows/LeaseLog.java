package dev.lockstep.chaos.windows;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * When the Lease first named which digest: the moment at which a change has a version. Looks by
 * quorum reads, so what it notes is late by a turn at most, and never early. Thread-safe.
 */
final class LeaseLog implements AutoCloseable {
  private static final Duration TURN = Duration.ofMillis(15);
  private static final int AT_HAND = 1_000;

  private final KubernetesClient client;
  private final List<Sighting> sightings = new CopyOnWriteArrayList<>();
  private final Thread thread;

  private record Sighting(long at, String digest) {}

  /** Looks with this client, which is closed with the log. */
  LeaseLog(KubernetesClient client) {
    this.client = client;
    this.thread = Thread.ofVirtual().name("lease log").start(this::look);
  }

  /**
   * {@return when the digest that the Lease names now was first seen since a moment} Empty if it
   * cannot be read now, or has been there since before that moment.
   */
  OptionalLong newestSince(long moment) {
    lookOnce();
    Sighting newest = sightings.getLast();
    return sightings.stream()
        .filter(it -> it.at >= moment && it.digest.equals(newest.digest))
        .mapToLong(Sighting::at)
        .findFirst();
  }

  @Override
  public void close() {
    thread.interrupt();
    client.close();
  }

  private void look() {
    try {
      while (!Thread.interrupted()) {
        lookOnce();
        Thread.sleep(TURN);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized void lookOnce() {
    try {
      Lease lease = client.leases().inNamespace("lockstep-system").withName("lockstep").get();
      long at = System.nanoTime();
      String digest = digest(lease);
      if (sightings.isEmpty() || !sightings.getLast().digest.equals(digest)) {
        sightings.add(new Sighting(at, digest));
      }
      if (sightings.size() > AT_HAND) {
        sightings.removeFirst();
      }
    } catch (KubernetesClientException e) {
      // The API server is away, and no version can come.
    }
  }

  private static String digest(Lease lease) {
    return Optional.ofNullable(lease)
        .map(it -> it.getMetadata().getAnnotations())
        .orElse(Map.of())
        .getOrDefault("lockstep.dev/digest", "");
  }
}
