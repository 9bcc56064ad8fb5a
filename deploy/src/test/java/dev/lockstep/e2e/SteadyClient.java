package dev.lockstep.e2e;

import dev.lockstep.local.TrafficClient;
import dev.lockstep.local.kubelet.LocalReplica;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** Asks some replicas all the time, and counts what is not as it should be. Thread-safe. */
final class SteadyClient implements AutoCloseable {
  private final TrafficClient traffic = new TrafficClient();
  private final Queue<String> faults = new ConcurrentLinkedQueue<>();
  private final AtomicInteger requests = new AtomicInteger();
  private final Thread thread;
  private volatile boolean stop;

  private SteadyClient(List<LocalReplica> replicas, String host, String backend) {
    thread =
        Thread.ofPlatform()
            .name("steady-client")
            .start(
                () -> {
                  while (!stop) {
                    replicas.forEach(it -> ask(it, host, backend));
                  }
                });
  }

  /** Starts asking these replicas for a host that this backend serves. */
  static SteadyClient start(List<LocalReplica> replicas, String host, String backend) {
    return new SteadyClient(replicas, host, backend);
  }

  /** {@return how many requests were sent so far} */
  int requests() {
    return requests.get();
  }

  /** {@return what went wrong so far} */
  List<String> faults() {
    return List.copyOf(faults);
  }

  @Override
  public void close() {
    stop = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void ask(LocalReplica replica, String host, String backend) {
    requests.incrementAndGet();
    try {
      TrafficClient.Answer answer = traffic.get(replica.http(), host, "/");
      if (!answer.from(backend)) {
        faults.add(replica.pod() + " answered " + answer.status());
      }
    } catch (UncheckedIOException e) {
      faults.add(replica.pod() + ": " + e.getCause());
    }
  }
}
