package dev.lockstep.sim.world;

import dev.lockstep.core.config.Backend;
import dev.lockstep.core.config.Epoch;
import dev.lockstep.core.config.ObjectKey;
import dev.lockstep.core.config.PathMatch;
import dev.lockstep.core.config.Route;
import dev.lockstep.core.config.RoutePolicy;
import dev.lockstep.core.config.RouterConfig;
import dev.lockstep.core.protocol.Event;
import dev.lockstep.core.protocol.Observation;
import dev.lockstep.sim.engine.Pipe;
import dev.lockstep.sim.engine.Scheduler;
import dev.lockstep.sim.invariant.Mesh;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One leader's picture of the routing objects: two kinds, each with a list and a watch of its own,
 * folded per object by resourceVersion, and a trivial translation. An object's content is the
 * revision of the write that gave it.
 */
final class SourceCache {

  private static final List<String> KINDS = List.of("Ingress", "Service");

  private record Known(long revision, Mesh.Form form) {}

  private final World world;
  private final SimShell shell;
  private final Epoch epoch;
  private final Map<ObjectKey, Known> known = new LinkedHashMap<>();
  private final Map<ObjectKey, Long> serving;
  private final Map<ObjectKey, Observation> news = new LinkedHashMap<>();
  private final List<Runnable> whenSynced = new ArrayList<>();
  private final List<Pipe> watches = new ArrayList<>();
  private final boolean[] listed = new boolean[KINDS.size()];
  private final int[] attempts = new int[KINDS.size()];
  private final boolean[] watching = new boolean[KINDS.size()];
  private final boolean[] arrived = new boolean[KINDS.size()];
  private RouterConfig config;
  private boolean synced;
  private boolean announced;
  private boolean stopped;
  private boolean cutOff;

  SourceCache(World world, SimShell shell, Epoch epoch, RouterConfig previous) {
    this.world = world;
    this.shell = shell;
    this.epoch = epoch;
    this.config = previous;
    this.serving = new LinkedHashMap<>(world.sources().contents(previous.digest()));
    for (int kind = 0; kind < KINDS.size(); kind++) {
      Pipe watch = new Pipe(world.scheduler());
      watch.hold(); // Until the list has arrived.
      watches.add(watch);
    }
  }

  static ObjectKey key(int number) {
    int kind = number % KINDS.size();
    return new ObjectKey("test", KINDS.get(kind), "shop", "o" + number);
  }

  void start() {
    for (int kind = 0; kind < KINDS.size(); kind++) {
      list(kind);
    }
  }

  void stop() {
    stopped = true;
    watches.forEach(Pipe::close);
  }

  void stall(int kind, long nanos) {
    Pipe watch = watches.get(kind % KINDS.size());
    watch.hold();
    world.scheduler().after(nanos, watch::release);
  }

  void followReachability() {
    boolean reaches = world.api().reaches(shell);
    if (cutOff && reaches) {
      watches.forEach(Pipe::release);
      cutOff = false;
    } else if (!cutOff && !reaches) {
      watches.forEach(Pipe::hold);
      cutOff = true;
    }
  }

  /** Something was written; the watch of its kind will tell, later. */
  void changed(ObjectKey key, long revision) {
    int kind = KINDS.indexOf(key.kind());
    if (watching[kind]) {
      long lag = world.delay(world.knobs().watchLag());
      watches.get(kind).offer(lag, () -> fold(key, revision));
    }
  }

  /** The server says 410 to one watch, and refuses to list that kind for a while. */
  void expire(int kind, long refused) {
    if (arrived[kind]) {
      arrived[kind] = false;
      watching[kind] = false;
      watches.get(kind).clear();
      watches.get(kind).hold();
      shell.after(refused, () -> list(kind));
    }
  }

  /** A list from a server that has not seen the newest writes yet. */
  void relistStale() {
    if (synced) {
      long old = world.api().revision() - world.scheduler().between(1, 20);
      world.sources().everyKey().forEach(key -> fold(key, old));
    }
  }

  void read(long question, ObjectKey key) {
    world
        .api()
        .send(
            shell,
            () -> {
              long revision = world.api().revision();
              return () -> onRead(question, key, revision);
            },
            reason -> shell.deliver(new Event.ObjectReadFailed(question, reason)));
  }

  private void onRead(long question, ObjectKey key, long revision) {
    if (stopped) {
      shell.deliver(new Event.ObjectReadFailed(question, "sources stopped"));
      return;
    }
    fold(key, revision);
    // A list that was read later may have come sooner: what it showed is what is in the sources.
    Observation read = observation(key, Math.max(revision, known.get(key).revision));
    Runnable answer =
        () -> {
          announce();
          shell.deliver(new Event.ObjectObserved(question, read));
        };
    if (synced) {
      answer.run();
    } else {
      whenSynced.add(answer);
    }
  }

  private void list(int kind) {
    if (stopped) {
      return;
    }
    int attempt = ++attempts[kind];
    world
        .api()
        .send(
            shell,
            () -> {
              long revision = world.api().revision();
              if (attempt == attempts[kind]) { // Not an earlier one that lands late.
                watching[kind] = true;
                watches.get(kind).clear();
              }
              return () -> onListed(kind, revision);
            },
            reason -> shell.after(world.knobs().apiTimeout() / 2, () -> list(kind)));
  }

  private void onListed(int kind, long revision) {
    if (stopped) {
      return;
    }
    for (ObjectKey key : world.sources().everyKey()) {
      if (key.kind().equals(KINDS.get(kind))) {
        fold(key, revision);
      }
    }
    listed[kind] = true;
    arrived[kind] = true;
    watches.get(kind).release();
    boolean before = synced;
    synced = listed[0] && listed[1];
    if (synced && !before) {
      announced = true;
      announce();
      whenSynced.forEach(Runnable::run);
      whenSynced.clear();
    }
  }

  /** Takes note of the object as it was at this revision, unless something newer is known. */
  private void fold(ObjectKey key, long revision) {
    Mesh.ObjectWrite write = world.sources().stateAt(key, revision);
    boolean exists = write.form() != Mesh.Form.DELETED;
    long seen = exists ? write.revision() : revision;
    Known before = known.get(key);
    boolean stale = before != null && before.revision >= seen;
    if (stopped || stale) {
      return;
    }
    known.put(key, new Known(seen, write.form()));
    translate(key, write, seen);
    boolean wasThere = before != null && before.form != Mesh.Form.DELETED;
    if (exists || wasThere) {
      news.put(key, observation(key, revision));
      announceSoon();
    }
  }

  private void translate(ObjectKey key, Mesh.ObjectWrite write, long seen) {
    switch (knownForm(write.form())) {
      case ROUTED, POISON, MODERN -> {
        serving.put(key, write.since());
        config = config.with(route(key, write.since())).with(backend(key, write.since()));
      }
      case IGNORED, DELETED -> drop(key);
      case QUARANTINED -> {
        if (isAnotherIncarnation(key, seen)) {
          drop(key);
        }
      }
    }
  }

  /** What this build does not know yet is nothing to it. */
  private Mesh.Form knownForm(Mesh.Form form) {
    boolean unknown = form == Mesh.Form.MODERN && shell.pod().build() == SimPod.Build.OLD;
    return unknown ? Mesh.Form.IGNORED : form;
  }

  private void drop(ObjectKey key) {
    if (serving.remove(key) != null) {
      config = config.without(route(key, 1).key()).without(Backend.key(backendId(key)));
    }
  }

  private boolean isAnotherIncarnation(ObjectKey key, long seen) {
    Long form = serving.get(key);
    return form != null
        && world.sources().writes(key).stream()
            .anyMatch(
                write ->
                    write.form() == Mesh.Form.DELETED
                        && write.revision() > form
                        && write.revision() <= seen);
  }

  private Observation observation(ObjectKey key, long revision) {
    Mesh.ObjectWrite write = world.sources().stateAt(key, revision);
    return switch (knownForm(write.form())) {
      case DELETED ->
          new Observation(key, revision, Observation.State.ABSENT, Observation.Verdict.IGNORED, "");
      case ROUTED, POISON, MODERN -> present(key, write, Observation.Verdict.ROUTED, "");
      case IGNORED -> present(key, write, Observation.Verdict.IGNORED, "not ours");
      case QUARANTINED -> present(key, write, Observation.Verdict.QUARANTINED, "bad");
    };
  }

  private static Observation present(
      ObjectKey key, Mesh.ObjectWrite write, Observation.Verdict verdict, String reason) {
    return new Observation(key, write.revision(), Observation.State.PRESENT, verdict, reason);
  }

  /** Changes that come close together are told together. */
  private void announceSoon() {
    if (synced && !announced) {
      announced = true;
      shell.after(world.scheduler().between(0, Scheduler.millis(3)), this::announce);
    }
  }

  private void announce() {
    if (stopped || !announced) {
      return;
    }
    announced = false;
    world.sources().remember(config, serving);
    shell.deliver(new Event.SourcesObserved(epoch, config, List.copyOf(news.values())));
    news.clear();
  }

  private static Route route(ObjectKey key, long form) {
    Route.Rule rule =
        new Route.Rule(
            new PathMatch(PathMatch.Type.PREFIX, "/"), Route.Action.Forward.to(backendId(key)));
    Route.Rule version =
        new Route.Rule(
            new PathMatch(PathMatch.Type.EXACT, "/form"),
            new Route.Action.Respond(200, Long.toString(form)));
    return new Route(key.name() + ".test", key, List.of(rule, version), RoutePolicy.OPEN);
  }

  private static Backend backend(ObjectKey key, long form) {
    int port = (int) (1 + form % 60_000);
    return new Backend(
        backendId(key),
        List.of(new Backend.Endpoint("10.0.0.1", port, Backend.Endpoint.State.READY)));
  }

  private static Backend.Id backendId(ObjectKey key) {
    return new Backend.Id(key.namespace(), key.kind() + "-" + key.name(), "80");
  }
}
