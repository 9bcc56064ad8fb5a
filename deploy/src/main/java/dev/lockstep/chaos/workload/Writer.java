package dev.lockstep.chaos.workload;

import dev.lockstep.chaos.oracle.Content;
import dev.lockstep.chaos.oracle.Journal;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.util.Optional;

/**
 * Writes the object of a route, and does not rest before it knows that the write happened: the same
 * write again until it is confirmed. Nobody else writes these objects, so what is found there is
 * either as before or as wanted. Thread-safe, for different routes.
 */
final class Writer {
  private static final Duration PAUSE = Duration.ofMillis(300);

  private final KubernetesClient client;
  private final Slots slots;
  private final Journal journal;

  /** Writes with a client that does not repeat by itself. */
  Writer(KubernetesClient client, Slots slots, Journal journal) {
    this.client = client;
    this.slots = slots;
    this.journal = journal;
  }

  /**
   * Makes a route what it shall be.
   *
   * @return the resourceVersion of the object, if it is there now
   */
  Optional<String> write(ChaosRoute route, Content content) throws InterruptedException {
    journal.note("write", route.name() + " " + content);
    while (true) {
      try {
        Optional<String> version =
            switch (content.shape()) {
              case Content.Present(int slot) -> Optional.of(put(route, slot));
              case Content.Absent() -> delete(route);
            };
        route.history().done(content);
        journal.note("written", route.name() + " " + content + " rv=" + version.orElse("-"));
        return version;
      } catch (KubernetesClientException e) {
        // Unknown, or a conflict with oneself: look again.
        Thread.sleep(PAUSE);
      }
    }
  }

  private String put(ChaosRoute route, int slot) {
    HasMetadata wanted = route.object(slots.get(slot));
    HasMetadata found = client.resource(wanted).get();
    if (found == null) {
      return client.resource(wanted).create().getMetadata().getResourceVersion();
    }
    // With the resourceVersion that was found: an earlier attempt that lands late changes nothing.
    wanted.getMetadata().setResourceVersion(found.getMetadata().getResourceVersion());
    return client.resource(wanted).update().getMetadata().getResourceVersion();
  }

  private Optional<String> delete(ChaosRoute route) {
    try {
      HasMetadata found = client.resource(route.object(slots.get(0))).get();
      if (found != null) {
        client.resource(found).delete();
        // AFTER the answer, which may come before the object is gone.
        return delete(route);
      }
      return Optional.empty();
    } catch (KubernetesClientException e) {
      if (e.getCode() == HttpURLConnection.HTTP_NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }
}
