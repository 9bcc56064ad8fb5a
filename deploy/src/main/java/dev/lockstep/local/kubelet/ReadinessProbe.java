package dev.lockstep.local.kubelet;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;

/**
 * Asks a replica whether it is ready, as its container's probe does. One success is enough, and two
 * failures in a row. Confined to the pod's thread.
 */
final class ReadinessProbe {
  private static final Duration TIMEOUT = Duration.ofSeconds(1);
  private static final int FAILURES = 2;

  private final HttpClient client;
  private final HttpRequest request;
  private boolean ready;
  private int failures;

  ReadinessProbe(HttpClient client, URI api) {
    this.client = client;
    this.request = HttpRequest.newBuilder(api.resolve("/readyz")).timeout(TIMEOUT).build();
  }

  /** Forgets everything: another process is there now. */
  void reset() {
    ready = false;
    failures = 0;
  }

  /** Asks once; returns whether the container counts as ready after the answer. */
  boolean ask() {
    if (succeeds()) {
      ready = true;
      failures = 0;
    } else if (++failures >= FAILURES) {
      ready = false;
    }
    return ready;
  }

  private boolean succeeds() {
    try {
      int status = client.send(request, BodyHandlers.discarding()).statusCode();
      return status >= 200 && status < 400;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
