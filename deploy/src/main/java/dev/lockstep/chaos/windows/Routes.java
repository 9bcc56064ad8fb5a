package dev.lockstep.chaos.windows;

import dev.lockstep.bench.load.FixedBackend;
import dev.lockstep.local.SampleObjects;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.util.List;

/**
 * Two routes: one that clients ask for all the time and that stays as it is, and one that each
 * trial changes, from one backend to the other. Confined to one thread.
 */
final class Routes implements AutoCloseable {
  /** The host that clients ask for. */
  static final String STEADY = "steady.windows.example";

  /** What answers there. */
  static final String STEADY_ANSWER = "one";

  private static final String NAMESPACE = "windows";
  private static final String CHANGED = "changed";
  private static final Duration RETRY = Duration.ofMillis(10);
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final KubernetesClient client;
  private final FixedBackend one;
  private final FixedBackend two;
  private boolean toOne = true;

  /** Writes with this client, which is closed with the routes, routes that lead to these two. */
  Routes(KubernetesClient client, FixedBackend one, FixedBackend two) {
    this.client = client;
    this.one = one;
    this.two = two;
  }

  /** What has to be there beforehand. */
  void prepare() {
    client.resource(SampleObjects.namespace(NAMESPACE)).create();
    for (FixedBackend backend : List.of(one, two)) {
      client.resource(SampleObjects.service(NAMESPACE, backend.name())).create();
      client.resource(endpoints(backend)).create();
    }
    client.resource(ingress("steady", STEADY, one)).create();
    client.resource(changed(one)).create();
  }

  /** {@return the change, as the API server confirmed it just now} */
  HasMetadata change() throws InterruptedException {
    toOne = !toOne;
    HasMetadata wanted = changed(toOne ? one : two);
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      try {
        return client.resource(wanted).update();
      } catch (KubernetesClientException e) {
        // It has only just come back, or it is slow: the same write again.
        if (System.nanoTime() > deadline) {
          throw new IllegalStateException("the change cannot be written: " + e.getMessage(), e);
        }
        Thread.sleep(RETRY);
      }
    }
  }

  @Override
  public void close() {
    client.close();
  }

  private static HasMetadata changed(FixedBackend backend) {
    return ingress(CHANGED, "changed.windows.example", backend);
  }

  private static HasMetadata ingress(String name, String host, FixedBackend backend) {
    return SampleObjects.ingress(
        NAMESPACE, name, host, new SampleObjects.Path("/", backend.name()));
  }

  private static EndpointSlice endpoints(FixedBackend backend) {
    SampleObjects.Endpoint endpoint = SampleObjects.Endpoint.here(backend.name(), backend.port());
    return SampleObjects.slice(NAMESPACE, backend.name(), backend.name(), endpoint);
  }
}
