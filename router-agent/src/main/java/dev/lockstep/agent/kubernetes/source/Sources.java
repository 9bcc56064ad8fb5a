package dev.lockstep.agent.kubernetes.source;

import dev.lockstep.agent.kubernetes.parse.SourceKind;
import dev.lockstep.agent.kubernetes.translate.Translation;
import dev.lockstep.agent.kubernetes.translate.TranslationSettings;
import dev.lockstep.core.config.Epoch;
import dev.lockstep.core.config.ObjectKey;
import dev.lockstep.core.config.RouterConfig;
import dev.lockstep.core.protocol.Event;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The leader's view of all objects, and the config that follows from them.
 *
 * <p>One thread owns it all. It takes a change, then what else has come meanwhile, then translates
 * and tells: so a single change goes out at once, and a burst goes out together. A question about
 * one object is answered by a quorum read that is folded in and told first, so that the answer is
 * never older than the question and never ahead of the config.
 */
public final class Sources implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Sources.class);
  private static final Duration READ_DEADLINE = Duration.ofSeconds(11);

  /** A steady stream of changes must not keep what came first from being told. */
  private static final int LARGEST_BATCH = 1024;

  /** What runs between a start and the next stop. */
  private static final class Running {
    final SourceRun run;
    final List<Reflector<?, ?>> reflectors = new ArrayList<>();
    final List<Runnable> waitingReads = new ArrayList<>();

    Running(SourceRun run) {
      this.run = run;
    }
  }

  private final SourceClient client;
  private final TranslationSettings settings;
  private final Consumer<Event> events;
  private final Consumer<Translation.Complaint> complaints;
  private final Calls calls;
  private final BlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();
  private final Thread owner;
  private volatile boolean closed;
  private @Nullable Running running;

  /**
   * Waits for {@link #start}.
   *
   * @param client without retries of its own
   * @param settings which objects are ours
   * @param events hears configs and observations
   * @param complaints hears what is wrong with objects
   */
  public Sources(
      KubernetesClient client,
      TranslationSettings settings,
      Consumer<Event> events,
      Consumer<Translation.Complaint> complaints) {
    this.client = new SourceClient(client);
    this.settings = settings;
    this.events = events;
    this.complaints = complaints;
    this.calls = new Calls(READ_DEADLINE, events);
    this.owner = Thread.ofPlatform().daemon().name("sources").start(this::loop);
  }

  /** Reads all sources anew, then watches them. What was known before is forgotten. */
  public void start(Epoch epoch, RouterConfig previous) {
    tasks.add(
        () -> {
          stopRunning();
          Running started = new Running(new SourceRun(epoch, previous, settings));
          running = started;
          for (SourceKind kind : SourceKind.values()) {
            started.reflectors.add(client.reflect(kind, change -> told(started, kind, change)));
          }
        });
  }

  /** Forgets all sources. */
  public void stop() {
    tasks.add(this::stopRunning);
  }

  /** Reads one object by quorum. It is answered, in any case, by one event with this number. */
  public void read(long question, ObjectKey key) {
    tasks.add(() -> onQuestion(question, key));
  }

  @Override
  public void close() {
    closed = true;
    tasks.add(this::stopRunning);
  }

  private void told(Running source, SourceKind kind, SourceChange<? extends HasMetadata> change) {
    tasks.add(
        () -> {
          if (source == running) {
            source.run.onChange(kind, change);
          }
        });
  }

  private void loop() {
    while (!closed) {
      try {
        run(tasks.take());
        Runnable next = tasks.poll();
        for (int i = 1; next != null && i < LARGEST_BATCH; i++) {
          run(next);
          next = tasks.poll();
        }
        if (next != null) {
          run(next);
        }
        run(this::tell);
      } catch (InterruptedException e) {
        throw new IllegalStateException("nobody interrupts the thread of the sources", e);
      }
    }
    stopRunning();
  }

  /** The top of the loop: what goes wrong with one change must not end all others. */
  private static void run(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException e) {
      log.atError().setCause(e).log("A change of the sources could not be taken");
    }
  }

  private void tell() {
    Running source = running;
    if (source == null) {
      return;
    }
    Optional<SourceRun.News> news = source.run.news();
    if (news.isPresent()) {
      events.accept(news.get().event());
      news.get().translation().complaints().forEach(complaints);
    }
    if (source.run.isComplete() && !source.waitingReads.isEmpty()) {
      List.copyOf(source.waitingReads).forEach(Runnable::run);
      source.waitingReads.clear();
    }
  }

  private void stopRunning() {
    Running source = running;
    running = null;
    if (source != null) {
      source.reflectors.forEach(Reflector::close);
      // They ask again for what runs now, find nothing, and say so.
      source.waitingReads.forEach(Runnable::run);
    }
  }

  private void onQuestion(long question, ObjectKey key) {
    Running source = running;
    Optional<SourceKind> kind = SourceKind.of(key);
    if (source == null) {
      events.accept(new Event.ObjectReadFailed(question, "this replica reads no sources"));
    } else if (kind.isEmpty()) {
      events.accept(new Event.ObjectReadFailed(question, key.kind() + " is no kind of source"));
    } else if (!source.run.isComplete()) {
      source.waitingReads.add(() -> onQuestion(question, key));
    } else {
      read(source, question, kind.get(), key);
    }
  }

  private void read(Running source, long question, SourceKind kind, ObjectKey key) {
    calls
        .start(() -> client.read(kind, key))
        .whenComplete(
            (reading, thrown) ->
                tasks.add(
                    () -> {
                      if (thrown != null || source != running) {
                        String reason =
                            thrown != null ? Calls.reason(thrown) : "the sources were stopped";
                        events.accept(new Event.ObjectReadFailed(question, reason));
                      } else {
                        answer(source, question, reading);
                      }
                    }));
  }

  private void answer(Running source, long question, Reading reading) {
    SourceRun.Observed observed = source.run.onRead(reading);
    // BEFORE the answer: whoever hears it must have heard of the config it is about.
    tell();
    events.accept(new Event.ObjectObserved(question, source.run.observation(observed)));
  }
}
