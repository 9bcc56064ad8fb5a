package dev.lockstep.chaos.fault;

import dev.lockstep.chaos.fault.FaultSource.Fault;
import dev.lockstep.chaos.fault.FaultSource.Order;
import dev.lockstep.chaos.oracle.Journal;
import dev.lockstep.local.process.Progress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.random.RandomGenerator;

/**
 * Draws faults by a seed: episodes of one to three at a time, and calm between them.
 *
 * <p>Kinds are drawn as from a pack of cards, without putting them back before all were drawn, so
 * that each comes again within a few minutes. Each fault has a thread of its own, so that one that
 * takes long to heal does not keep the others. The seed decides the order, the lengths and the
 * choices; when exactly what happens is decided by the machine.
 *
 * <p>Thread-safe.
 */
public final class FaultScheduler {
  private static final Duration TURN = Duration.ofMillis(100);
  private static final Duration SETTLED = Duration.ofSeconds(4);
  private static final int MOST_AT_ONCE = 3;
  private static final int MOST_IN_EPISODE = 5;
  private static final int MOST_TRIES = 50;

  private final List<FaultSource> sources;
  private final List<FaultKind> only;
  private final Random random;
  private final Journal journal;
  private final Progress progress;
  private final List<FaultKind> pack = new ArrayList<>(); // Confined to the running thread.
  private final Map<FaultKind, Integer> counts = new EnumMap<>(FaultKind.class);
  private final Map<FaultKind, Thread> running = new EnumMap<>(FaultKind.class);
  private final List<String> broken = new ArrayList<>();
  private long calmSince = System.nanoTime();

  /**
   * What to draw.
   *
   * @param seed decides the plan
   * @param only these kinds; all when it is empty
   */
  public record Plan(long seed, List<FaultKind> only) {
    /** Copies the kinds. */
    public Plan {
      only = List.copyOf(only);
    }
  }

  /** Draws what these can make. */
  public FaultScheduler(List<FaultSource> sources, Plan plan, Journal journal, Progress progress) {
    this.sources = List.copyOf(sources);
    this.only = plan.only;
    this.random = new Random(plan.seed);

    this.journal = journal;
    this.progress = progress;
  }

  /** {@return every kind that can be made here} */
  public List<FaultKind> kinds() {
    return sources.stream()
        .flatMap(it -> it.kinds().stream())
        .filter(it -> only.isEmpty() || only.contains(it))
        .sorted()
        .toList();
  }

  /** {@return how many faults of each kind there were} */
  public synchronized Map<FaultKind, Integer> counts() {
    return new EnumMap<>(counts);
  }

  /** {@return what went wrong in the making of faults, which is no fault of the mesh} */
  public synchronized List<String> broken() {
    return List.copyOf(broken);
  }

  /** {@return whether there is no fault, and was none for some seconds} */
  public synchronized boolean calm() {
    return running.isEmpty() && System.nanoTime() - calmSince > SETTLED.toNanos();
  }

  /**
   * Makes faults until that moment of the monotonic clock, and waits until all are healed.
   *
   * @param end of the faults
   * @param last up to when it goes on, if by the end there was not one fault of each kind
   */
  public void runUntil(long end, long last) throws InterruptedException {
    while (System.nanoTime() < end || (System.nanoTime() < last && !complete())) {
      episode(Math.max(end, last));
      awaitAll();
      long gap = Duration.ofMillis(5_000 + random.nextInt(6_000)).toNanos();
      long until = System.nanoTime() + gap;
      progress.say("calm for " + Duration.ofNanos(gap).toSeconds() + " s");
      while (System.nanoTime() < until) {
        Thread.sleep(TURN);
      }
    }
  }

  private void episode(long end) throws InterruptedException {
    int faults = 2 + random.nextInt(MOST_IN_EPISODE);
    int atOnce = 1 + random.nextInt(MOST_AT_ONCE);
    for (int i = 0; i < faults && System.nanoTime() < end; i++) {
      FaultKind kind = draw(atOnce);
      RandomGenerator own = new Random(random.nextLong());
      double share = random.nextDouble();
      int pause = random.nextInt(3_000);
      begin(new Order(kind, share, own));
      Thread.sleep(pause);
    }
  }

  /** {@return the next kind, once there is room for it} */
  private FaultKind draw(int atOnce) throws InterruptedException {
    while (true) {
      if (pack.isEmpty()) {
        pack.addAll(kinds());
        Collections.shuffle(pack, random);
      }
      Optional<FaultKind> fitting = fitting(atOnce);
      if (fitting.isPresent()) {
        pack.remove(fitting.get());
        return fitting.get();
      }
      Thread.sleep(TURN);
    }
  }

  private boolean complete() {
    return counts().keySet().containsAll(kinds());
  }

  private synchronized Optional<FaultKind> fitting(int atOnce) {
    if (running.size() >= atOnce) {
      return Optional.empty();
    }
    return pack.stream()
        .filter(it -> !running.containsKey(it))
        .filter(it -> running.keySet().stream().allMatch(it::goesWith))
        .findFirst();
  }

  private synchronized void begin(Order order) {
    running.put(
        order.kind(), Thread.ofVirtual().name("fault " + order.kind()).start(() -> live(order)));
  }

  private void live(Order order) {
    FaultKind kind = order.kind();
    try {
      journal.note("begins", kind.label());
      Optional<Fault> fault = tryBegin(order);
      if (fault.isPresent()) {
        say(kind.label() + ": " + fault.get().text());
        Thread.sleep(kind.length(order.share()));
        fault.get().healing().heal();
        journal.note("healed", kind.label() + ": " + fault.get().text());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      // The top of a thread: what could not be made or healed is told in the end.
      synchronized (this) {
        broken.add(kind.label() + ": " + e);
      }
      say("could not make or heal: " + kind.label() + ": " + e);
    } finally {
      ended(kind);
    }
  }

  private Optional<Fault> tryBegin(Order order) throws InterruptedException {
    FaultSource source =
        sources.stream().filter(it -> it.kinds().contains(order.kind())).findFirst().orElseThrow();
    for (int i = 0; i < MOST_TRIES; i++) {
      Optional<Fault> fault = source.begin(order);
      if (fault.isPresent()) {
        synchronized (this) {
          counts.merge(order.kind(), 1, Integer::sum);
        }
        return fault;
      }
      Thread.sleep(TURN); // Without a leader, say, until there is one again.
    }
    say("passed over: " + order.kind().label());
    return Optional.empty();
  }

  private synchronized void ended(FaultKind kind) {
    running.remove(kind);
    calmSince = System.nanoTime();
    notifyAll();
  }

  private synchronized void awaitAll() throws InterruptedException {
    while (!running.isEmpty()) {
      wait();
    }
  }

  private void say(String text) {
    journal.note("FAULT", text);
    progress.say(text);
  }
}
