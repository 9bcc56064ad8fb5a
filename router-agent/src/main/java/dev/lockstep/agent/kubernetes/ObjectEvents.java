package dev.lockstep.agent.kubernetes;

import dev.lockstep.agent.kubernetes.translate.Translation.Complaint;
import dev.lockstep.core.config.Digest;
import dev.lockstep.core.config.ObjectKey;
import io.fabric8.kubernetes.api.model.MicroTime;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.fabric8.kubernetes.api.model.events.v1.EventBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.github.resilience4j.core.IntervalFunction;
import io.github.resilience4j.ratelimiter.RateLimiter;
import io.github.resilience4j.ratelimiter.RateLimiterConfig;
import io.github.resilience4j.retry.Retry;
import io.github.resilience4j.retry.RetryConfig;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the owners of objects what is wrong with them, as Kubernetes Events on the objects. Best
 * effort: slow on purpose, and what does not fit into its queue is dropped.
 *
 * <p>An Event's name is made of what it says, so the API server itself refuses to have it twice,
 * whoever leads. Thread-safe.
 */
final class ObjectEvents implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ObjectEvents.class);
  private static final int QUEUE = 1000;
  private static final int LONGEST_NAME = 200;
  private static final int LONGEST_NOTE = 1000;
  private static final DateTimeFormatter MICROS =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

  private final KubernetesClient client;
  private final String pod;
  private final InstantSource clock;
  private final BlockingQueue<Complaint> queue = new ArrayBlockingQueue<>(QUEUE);
  private final RateLimiter pace =
      RateLimiter.of(
          "events",
          RateLimiterConfig.custom()
              .limitForPeriod(5)
              .limitRefreshPeriod(Duration.ofSeconds(1))
              .timeoutDuration(Duration.ofMinutes(1))
              .build());
  private final Retry retry =
      Retry.of(
          "events",
          RetryConfig.custom()
              .maxAttempts(4)
              .intervalFunction(
                  IntervalFunction.ofExponentialRandomBackoff(Duration.ofMillis(500), 3, 0.3))
              .retryOnException(ObjectEvents::isPassing)
              .build());
  private final Thread writer;
  private volatile boolean closed;

  ObjectEvents(KubernetesClient client, KubernetesSettings settings, InstantSource clock) {
    this.client = client;
    this.pod = settings.pod();
    this.clock = clock;
    this.writer = Thread.ofVirtual().name("object-events").start(this::loop);
  }

  /** Tells it some time soon, unless there is too much to tell. */
  void tell(Complaint complaint) {
    if (!queue.offer(complaint)) {
      log.atDebug().addKeyValue("object", complaint.object()).log("Event dropped");
    }
  }

  /** Drops what was not told yet: somebody else leads and will find it as well. */
  void forget() {
    queue.clear();
  }

  @Override
  public void close() {
    closed = true;
    writer.interrupt();
  }

  private void loop() {
    while (!closed) {
      try {
        write(queue.take());
      } catch (InterruptedException e) {
        // Only close() interrupts, and the loop's condition sees that.
      } catch (RuntimeException e) {
        log.atDebug().addKeyValue("reason", e.getMessage()).log("Event could not be written");
      }
    }
  }

  private void write(Complaint complaint) {
    if (!pace.acquirePermission()) {
      return;
    }
    Event event = event(complaint, MICROS.format(clock.instant()));
    try {
      retry.executeRunnable(() -> client.resource(event).create());
    } catch (KubernetesClientException e) {
      if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
        throw e;
      }
      // It was told already, by this replica or by the one that led before.
    }
  }

  /** Refusals stay refusals: the namespace is gone, the Event exists, or we may not. */
  private static boolean isPassing(Throwable thrown) {
    return thrown instanceof KubernetesClientException e
        && (e.getCode() == 0 || e.getCode() == 429 || e.getCode() >= 500);
  }

  private Event event(Complaint complaint, String now) {
    ObjectKey object = complaint.object();
    String note = shortened(complaint.note(), LONGEST_NOTE);
    String content = complaint.uid() + complaint.kind() + note;
    return new EventBuilder()
        .withNewMetadata()
        .withNamespace(object.namespace())
        .withName(
            shortened(object.name(), LONGEST_NAME)
                + "."
                + Digest.of(content).hex().substring(0, 16))
        .endMetadata()
        .withEventTime(new MicroTime(now))
        .withType("Warning")
        .withReason(
            switch (complaint.kind()) {
              case QUARANTINED -> "Quarantined";
              case NOT_SERVED -> "NotServed";
            })
        .withAction("Translate")
        .withNote(note)
        .withReportingController("lockstep.dev/router")
        .withReportingInstance(pod)
        .withNewRegarding()
        .withApiVersion(object.group().isEmpty() ? "v1" : object.group() + "/v1")
        .withKind(object.kind())
        .withNamespace(object.namespace())
        .withName(object.name())
        .withUid(complaint.uid())
        .withResourceVersion(Long.toString(complaint.resourceVersion()))
        .endRegarding()
        .build();
  }

  private static String shortened(String text, int length) {
    return text.length() <= length ? text : text.substring(0, length);
  }
}
