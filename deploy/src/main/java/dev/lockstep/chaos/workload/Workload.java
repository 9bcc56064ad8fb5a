package dev.lockstep.chaos.workload;

import dev.lockstep.chaos.oracle.Content;
import dev.lockstep.chaos.oracle.Content.Absent;
import dev.lockstep.chaos.oracle.Content.Present;
import dev.lockstep.chaos.oracle.LastLook;
import dev.lockstep.chaos.oracle.Oracle;
import dev.lockstep.chaos.oracle.RouteHistory;
import dev.lockstep.chaos.workload.Asker.Question;
import dev.lockstep.chaos.workload.Questions.Kind;
import dev.lockstep.local.SampleObjects;
import dev.lockstep.local.cluster.CertificateAuthority;
import dev.lockstep.local.kubelet.LocalReplica;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.jspecify.annotations.Nullable;

/**
 * Changes routes all the time, one writer for each, and asks any replica whether it is live.
 *
 * <p>Thread-safe; started once.
 */
public final class Workload implements AutoCloseable {
  /** Where the routes are. */
  public static final String NAMESPACE = "chaos";

  private static final int INGRESSES = 8;
  private static final int SERVICES = 3;
  private static final int ENDPOINTS = 3;

  private static final Duration ANSWER = Duration.ofSeconds(20);
  private static final Duration LAST = Duration.ofSeconds(2);
  private static final int LONGEST_PAUSE_MILLIS = 4_000;
  private static final Duration BINDINGS = Duration.ofSeconds(1);

  private final Slots slots;
  private final Questions questions = new Questions();
  private final List<ChaosRoute> routes = new ArrayList<>();
  private final LongAdder changes = new LongAdder();
  private final List<Thread> threads = new ArrayList<>();
  private final KubernetesClient client;
  private final long seed;
  private volatile @Nullable Asker asker; // Null before the start.
  private volatile boolean stopped;

  /** Writes with a client of its own that does not repeat by itself. */
  public Workload(KubernetesClient client, Slots slots, long seed) {
    this.client = client;
    this.slots = slots;
    this.seed = seed;
    for (int i = 0; i < INGRESSES; i++) {
      routes.add(ChaosRoute.of(ChaosRoute.Kind.INGRESS, i));
    }
    for (int i = 0; i < SERVICES; i++) {
      routes.add(ChaosRoute.of(ChaosRoute.Kind.SERVICE, i));
    }
    for (int i = 0; i < ENDPOINTS; i++) {
      routes.add(ChaosRoute.of(ChaosRoute.Kind.ENDPOINTS, i));
    }
  }

  /** {@return what it changes, for the oracle} */
  public List<RouteHistory> routes() {
    return routes.stream().map(ChaosRoute::history).toList();
  }

  /** {@return how its questions were answered} */
  public Questions questions() {
    return questions;
  }

  /** {@return how many writes were confirmed} */
  public long changes() {
    return changes.sum();
  }

  /** Writes what the routes need: backends, a certificate. */
  public void prepare() {
    List<HasMetadata> ground = new ArrayList<>(slots.ground());
    CertificateAuthority authority = CertificateAuthority.create("lockstep-chaos");
    ground.add(
        SampleObjects.secret(
            NAMESPACE,
            ChaosRoute.SECRET,
            authority.issue(
                "CN=chaos", List.of(ChaosRoute.WILDCARD), CertificateAuthority.Use.SERVER)));
    routes.forEach(route -> ground.addAll(route.ground(slots.get(route.number()))));
    ground.forEach(object -> client.resource(object).create());
  }

  /**
   * Begins.
   *
   * @param oracle is told what is written and promised
   * @param replicas who can be asked
   * @param calm whether there is no fault, and was none for a while
   */
  public void start(Oracle oracle, Supplier<List<LocalReplica>> replicas, BooleanSupplier calm) {
    Asker begun = new Asker(oracle, slots, questions);
    asker = begun;
    Writer writer = new Writer(client, slots, oracle.journal());
    Means means = new Means(begun, writer, replicas, calm);
    for (ChaosRoute route : routes) {
      RandomGenerator random =
          RandomGeneratorFactory.of("L64X128MixRandom").create(seed * 31 + threads.size());
      threads.add(Thread.ofVirtual().name(route.name()).start(() -> change(route, means, random)));
    }
    threads.add(Thread.ofVirtual().name("bindings").start(() -> watchBindings(means)));
  }

  /** Ends the changes; the last write of each route is confirmed. */
  public void stop() throws InterruptedException {
    stopped = true;
    for (Thread thread : threads) {
      thread.join();
    }
  }

  /** {@return what the mesh does not say is live, or gone, though nothing changes any more} */
  public List<String> unopened(List<LocalReplica> replicas) {
    LocalReplica any = replicas.getFirst();
    List<String> unopened = new ArrayList<>();
    for (ChaosRoute route : routes) {
      Content newest = route.history().newest();
      boolean open =
          switch (newest.shape()) {
            case Present present ->
                asker().presentNow(new Question(Kind.PRESENT_NOW, any, LAST), route);
            case Absent absent -> asker().absent(new Question(Kind.ABSENT, any, LAST), route);
          };
      if (!open) {
        unopened.add(route.name() + ": not open as " + newest + " (expected: open in the end)");
      }
    }
    return unopened;
  }

  /** {@return what is served that is not what was written last, by these replicas} */
  public List<String> lost(List<LocalReplica> replicas) {
    List<String> lost = new ArrayList<>(LastLook.lost(routes(), replicas));
    replicas.forEach(it -> lost.addAll(asker().strangers(it)));
    return lost;
  }

  @Override
  public void close() {
    stopped = true;
    threads.forEach(Thread::interrupt);
    client.close();
    slots.close();
  }

  private Asker asker() {
    Asker begun = asker;
    if (begun == null) {
      throw new IllegalStateException("workload: not started");
    }
    return begun;
  }

  private record Means(
      Asker asker, Writer writer, Supplier<List<LocalReplica>> replicas, BooleanSupplier calm) {}

  private void change(ChaosRoute route, Means means, RandomGenerator random) {
    try {
      while (!stopped) {
        Thread.sleep(random.nextInt(LONGEST_PAUSE_MILLIS));
        changeOnce(route, means, random);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void changeOnce(ChaosRoute route, Means means, RandomGenerator random)
      throws InterruptedException {
    Content content = route.history().begin(route.next(random, slots.count()));
    Optional<String> version = means.writer.write(route, content);
    long doneAt = System.nanoTime();
    changes.increment();
    List<LocalReplica> replicas = means.replicas.get();
    if (replicas.isEmpty()) {
      return;
    }
    LocalReplica first = replicas.get(random.nextInt(replicas.size()));
    LocalReplica second = replicas.get(random.nextInt(replicas.size()));
    boolean calm = means.calm.getAsBoolean();
    Thread asked =
        Thread.ofVirtual()
            .start(
                () -> {
                  if (ask(route, content, version, new Ask(means.asker, first))
                      && calm
                      && means.calm.getAsBoolean()) {
                    questions.calm(System.nanoTime() - doneAt);
                  }
                });
    int also = random.nextInt(10);
    Thread.ofVirtual().start(() -> askMore(route, also, new Ask(means.asker, second)));
    if (random.nextInt(3) > 0) {
      asked.join();
    }
  }

  /** Whom to ask. */
  private record Ask(Asker asker, LocalReplica replica) {
    Question question(Kind kind) {
      return new Question(kind, replica, ANSWER);
    }
  }

  private static boolean ask(ChaosRoute route, Content content, Optional<String> version, Ask ask) {
    return switch (content.shape()) {
      case Present present ->
          ask.asker.present(ask.question(Kind.PRESENT), route, content, version.orElseThrow());
      case Absent absent -> ask.asker.absent(ask.question(Kind.ABSENT), route);
    };
  }

  /** Questions that have nothing to do with the write itself; many may be late, none may lie. */
  private void askMore(ChaosRoute route, int what, Ask ask) {
    switch (what) {
      case 0, 1 -> ask.asker.consistent(ask.question(Kind.CONSISTENT));
      case 2, 3 -> ask.asker.presentNow(ask.question(Kind.PRESENT_NOW), route);
      case 4, 5 ->
          ask.asker.absent(new Question(Kind.ABSENT, ask.replica, Duration.ofSeconds(2)), route);
      case 6, 7 -> ask.asker.newestVersion(ask.question(Kind.VERSION));
      default -> {
        // One question is enough this time.
      }
    }
  }

  private void watchBindings(Means means) {
    try {
      for (int turn = 0; !stopped; turn++) {
        Thread.sleep(BINDINGS);
        List<LocalReplica> replicas = means.replicas.get();
        if (!replicas.isEmpty()) {
          means.asker.bindings(replicas.get(turn % replicas.size()));
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
