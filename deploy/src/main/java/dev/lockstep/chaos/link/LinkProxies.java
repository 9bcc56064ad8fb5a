package dev.lockstep.chaos.link;

import dev.lockstep.local.kubelet.LocalReplica;
import dev.lockstep.local.kubelet.Wiring;
import dev.lockstep.local.process.Ports;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/**
 * A proxy for the mesh port of each replica and one for its API, which other replicas pass calls on
 * to. The traffic ports have none: a leader that probes them finds the truth, so no proxy can make
 * a living process look dead.
 *
 * <p>Thread-safe.
 */
public final class LinkProxies implements AutoCloseable {
  private static final Duration TURN = Duration.ofMillis(20);

  private final Ports ports;
  private final LinkRules rules = new LinkRules();
  private final PeerFinder peers = new PeerFinder(this::replicas);
  private final Map<String, List<LinkProxy>> byPod = new LinkedHashMap<>(); // Guarded by this.
  private final Map<String, Long> pids = new LinkedHashMap<>(); // Confined to the thread.
  private final Set<String> refusing = new LinkedHashSet<>(); // Guarded by this.
  private final Thread thread = Thread.ofVirtual().name("link proxies").unstarted(this::keepUp);
  private volatile Supplier<List<LocalReplica>> source = List::of;

  /** Listens on these ports. */
  public LinkProxies(Ports ports) {
    this.ports = ports;
  }

  /** {@return the ways of a new pod, through proxies} */
  public synchronized Wiring.Wires wire(String pod, Wiring.Wires plain) {
    LinkProxy mesh = proxy(pod, plain.mesh());
    LinkProxy api = proxy(pod, plain.api());
    byPod.put(pod, List.of(mesh, api));
    return new Wiring.Wires(
        plain.server(),
        URI.create("https://127.0.0.1:" + mesh.port()),
        URI.create("http://127.0.0.1:" + api.port()),
        plain.environment());
  }

  /** Opens and closes them as these replicas come and go. */
  public void follow(Supplier<List<LocalReplica>> replicas) {
    source = replicas;
    thread.start();
  }

  /** Cuts a pod off from all others, both ways; what is returned heals it. */
  public Runnable cut(String pod) {
    List<LinkRules.Rule> silence =
        List.of(
            new LinkRules.Rule("", pod, LinkRules.Harm.STOP),
            new LinkRules.Rule(pod, "", LinkRules.Harm.STOP));
    rules.set(silence);
    return () -> rules.clear(silence);
  }

  /** {@return what is wrong with whose bytes} */
  public LinkRules rules() {
    return rules;
  }

  @Override
  public void close() {
    thread.interrupt();
    all().forEach(LinkProxy::close);
  }

  /** {@return what stands between these two, whoever connected} */
  List<LinkConnection> between(String one, String other) {
    LinkRules.Way way = new LinkRules.Way(one, other);
    return all().stream()
        .flatMap(it -> it.connections().stream())
        .filter(it -> it.way().equals(way) || it.way().equals(way.back()))
        .toList();
  }

  /** Lets a pod's mesh port refuse, and ends what stands there. */
  synchronized void refuse(String pod) {
    refusing.add(pod);
    byPod.getOrDefault(pod, List.of()).stream().limit(1).forEach(LinkProxy::close);
  }

  /** Lets it listen again. */
  synchronized void accept(String pod) {
    refusing.remove(pod);
  }

  private LinkProxy proxy(String pod, URI target) {
    LinkProxy.Ports pair = new LinkProxy.Ports(ports.next(), target.getPort());
    return new LinkProxy(pod, pair, rules, peers);
  }

  private List<LocalReplica> replicas() {
    return source.get();
  }

  private synchronized List<LinkProxy> all() {
    List<LinkProxy> all = new ArrayList<>();
    byPod.values().forEach(all::addAll);
    return all;
  }

  private void keepUp() {
    try {
      while (!Thread.interrupted()) {
        List<LocalReplica> now = source.get();
        now.forEach(this::follow);
        List<String> pods = now.stream().map(LocalReplica::pod).toList();
        pids.keySet().stream().filter(it -> !pods.contains(it)).toList().forEach(this::forget);
        Thread.sleep(TURN);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Closes the proxies of a process that has ended, and opens those of one that listens. */
  private synchronized void follow(LocalReplica replica) {
    List<LinkProxy> proxies = byPod.getOrDefault(replica.pod(), List.of());
    long pid = replica.pid().orElse(0);
    Long before = pids.put(replica.pod(), pid);
    if (before == null || before != pid) {
      proxies.forEach(LinkProxy::close);
    }
    for (int i = 0; i < proxies.size(); i++) {
      boolean refused = i == 0 && refusing.contains(replica.pod());
      if (pid > 0 && !refused && !proxies.get(i).isOpen()) {
        proxies.get(i).openIfThere();
      }
    }
  }

  private synchronized void forget(String pod) {
    pids.remove(pod);
    List<LinkProxy> gone = byPod.remove(pod);
    if (gone != null) {
      gone.forEach(LinkProxy::close);
    }
  }
}
