package dev.lockstep.chaos.oracle;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which replicas a client can reach through the Service: the view of an EndpointSlice, with the
 * time that a removal may take.
 *
 * <p>A quorum read of the pods that shows one as Ready proves that it was so when the read began.
 * From then on a client may open new connections to it for the drain time, less a margin; a view
 * that is older than that proves nothing. Kubernetes' Ready comes from the kubelet a little later
 * than the leader's condition, so a pod must have both, and not be on its way out. Thread-safe.
 */
public final class Reach implements AutoCloseable {
  private static final Duration PERIOD = Duration.ofMillis(300);
  private static final Duration DRAIN_TIME = Duration.ofSeconds(10);

  /** For what the machine adds: the drain time itself is what the mesh may count on. */
  private static final Duration MARGIN = Duration.ofSeconds(2);

  /** Numbers up to this one were put there by hand, by a fault of this run. */
  private static final long EDITED = 10;

  private static final String NAMESPACE = "lockstep-system";
  private static final String GATE = "lockstep.dev/in-sync";

  private final KubernetesClient client;
  private final Journal journal;
  private final Versions versions;
  private final Map<String, Long> provenAt = new ConcurrentHashMap<>();
  private final Map<String, String> states = new ConcurrentHashMap<>();
  private final List<Outage> outages = new ArrayList<>(); // Guarded by itself.
  private final Thread thread;
  private volatile String leader = "";

  /** A time in which nothing can be written, known from who made it so. */
  private record Outage(long begin, long end) {
    long overlap(long from, long to) {
      return Math.max(0, Math.min(end, to) - Math.max(begin, from));
    }
  }

  /** Looks from now on, with a client of its own. */
  public Reach(KubernetesClient client, Journal journal, Versions versions) {
    this.client = client;
    this.journal = journal;
    this.versions = versions;
    this.thread = Thread.ofVirtual().name("reach").start(this::look);
  }

  /** {@return whether it is proven that a client could open a connection at that moment} */
  boolean proven(String pod, long at) {
    Long seen = provenAt.get(pod);
    return seen != null && at - seen <= DRAIN_TIME.minus(MARGIN).toNanos();
  }

  /**
   * {@return whether a client would open a connection now} While the API server is down no proof
   * can be had, and no endpoint can be removed.
   */
  public boolean expected(String pod) {
    Long seen = provenAt.get(pod);
    if (seen == null) {
      return false;
    }
    long now = System.nanoTime();
    return now - seen - down(seen, now) <= DRAIN_TIME.minus(MARGIN).toNanos();
  }

  /** {@return the pod that the Lease names; empty text while there is none} */
  public String leader() {
    return leader;
  }

  /** Notes that the API server was taken away. */
  public void apiAway() {
    synchronized (outages) {
      outages.addLast(new Outage(System.nanoTime(), Long.MAX_VALUE));
    }
  }

  /** Notes that it answers again. */
  public void apiBack() {
    synchronized (outages) {
      Outage last = outages.removeLast();
      outages.addLast(new Outage(last.begin, System.nanoTime()));
    }
  }

  @Override
  public void close() {
    thread.interrupt();
    client.close();
  }

  private long down(long from, long to) {
    synchronized (outages) {
      return outages.stream().mapToLong(it -> it.overlap(from, to)).sum();
    }
  }

  private void look() {
    try {
      while (!Thread.interrupted()) {
        lookOnce();
        Thread.sleep(PERIOD);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void lookOnce() {
    try {
      long begin = System.nanoTime();
      List<Pod> pods =
          client
              .pods()
              .inNamespace(NAMESPACE)
              .withLabel("app.kubernetes.io/name", "lockstep")
              .list()
              .getItems();
      pods.forEach(pod -> note(pod, begin));
      Optional.ofNullable(client.leases().inNamespace(NAMESPACE).withName("lockstep").get())
          .ifPresent(this::note);
    } catch (KubernetesClientException e) {
      // Away: nothing is proven, which is what an old view says by itself.
    }
  }

  private void note(Pod pod, long begin) {
    String name = pod.getMetadata().getName();
    boolean leaving = pod.getMetadata().getDeletionTimestamp() != null;
    boolean ready = holds(pod, "Ready");
    boolean gate = holds(pod, GATE);
    if (ready && gate && !leaving) {
      provenAt.put(name, begin);
    }
    String state = (leaving ? "leaving" : "ready=" + ready) + " in-sync=" + gate;
    if (!state.equals(states.put(name, state))) {
      journal.note(begin, "pod", name + " " + state);
    }
  }

  private void note(Lease lease) {
    Map<String, String> annotations =
        Optional.ofNullable(lease.getMetadata().getAnnotations()).orElse(Map.of());
    String holder = Optional.ofNullable(lease.getSpec().getHolderIdentity()).orElse("");
    String pod = holder.split("/", 2)[0];
    if (!pod.equals(leader)) {
      journal.note("lease", "names " + holder + " epoch=" + annotations.get("lockstep.dev/epoch"));
      leader = pod;
    }
    long version = Long.parseLong(annotations.getOrDefault("lockstep.dev/version", "0"));
    if (version > EDITED) {
      String digest = annotations.getOrDefault("lockstep.dev/digest", "");
      versions.bound(version, digest, "the Lease of " + holder);
    }
  }

  private static boolean holds(Pod pod, String type) {
    for (PodCondition condition : pod.getStatus().getConditions()) {
      if (condition.getType().equals(type)) {
        return condition.getStatus().equals("True");
      }
    }
    return false;
  }
}
