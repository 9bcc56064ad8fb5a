package dev.lockstep.sim.world;

import dev.lockstep.core.config.Digest;
import dev.lockstep.core.config.Epoch;
import dev.lockstep.core.config.ObjectKey;
import dev.lockstep.core.config.RouterConfig;
import dev.lockstep.core.protocol.Event;
import dev.lockstep.sim.engine.Mark;
import dev.lockstep.sim.invariant.Mesh;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The routing objects in the API server, with all their history, and who watches them. */
public final class SimSources {

  /**
   * One object as it is.
   *
   * @param revision of the last write
   * @param since revision of the write that gave it its content
   * @param form what routing should make of it
   */
  record ObjectState(long revision, long since, Mesh.Form form) {}

  private final World world;
  private final Map<ObjectKey, ObjectState> objects = new LinkedHashMap<>();
  private final Map<ObjectKey, List<Mesh.ObjectWrite>> history = new LinkedHashMap<>();
  private final Map<SimShell, SourceCache> caches = new LinkedHashMap<>();
  private final Map<Digest, Map<ObjectKey, Long>> contents = new LinkedHashMap<>();

  SimSources(World world) {
    this.world = world;
    contents.put(RouterConfig.EMPTY.digest(), Map.of());
  }

  // What users do.

  /** Creates the object, or gives it new content of this form; {@return its resourceVersion} */
  public long write(ObjectKey key, Mesh.Form form) {
    long revision = world.api().nextRevision();
    return store(key, new ObjectState(revision, revision, form));
  }

  /** Writes the object without a change that matters; {@return its resourceVersion} */
  public long touch(ObjectKey key) {
    ObjectState old = objects.get(key);
    if (old == null) {
      return write(key, Mesh.Form.ROUTED);
    }
    long revision = world.api().nextRevision();
    return store(key, new ObjectState(revision, old.since, old.form));
  }

  /** Deletes the object; {@return the resourceVersion that it had, 0 if it was not there} */
  public long delete(ObjectKey key) {
    ObjectState old = objects.remove(key);
    if (old == null) {
      return 0;
    }
    long revision = world.api().nextRevision();
    note(key, new Mesh.ObjectWrite(revision, Mesh.Form.DELETED, revision));
    world.trace("kubectl", "delete " + key + " at " + revision);
    caches.values().forEach(cache -> cache.changed(key, revision));
    return old.revision;
  }

  private long store(ObjectKey key, ObjectState state) {
    objects.put(key, state);
    note(key, new Mesh.ObjectWrite(state.revision, state.form, state.since));
    world.trace("kubectl", "write " + key + " " + state);
    caches.values().forEach(cache -> cache.changed(key, state.revision));
    return state.revision;
  }

  private void note(ObjectKey key, Mesh.ObjectWrite write) {
    history.computeIfAbsent(key, k -> new ArrayList<>()).add(write);
  }

  /** {@return all objects as they are} */
  Map<ObjectKey, ObjectState> objects() {
    return objects;
  }

  /** {@return the form of an object, deleted if it does not exist} */
  public Mesh.Form form(ObjectKey key) {
    ObjectState state = objects.get(key);
    return state == null ? Mesh.Form.DELETED : state.form;
  }

  /** {@return the resourceVersion of an object, 0 if it does not exist} */
  public long resourceVersion(ObjectKey key) {
    ObjectState state = objects.get(key);
    return state == null ? 0 : state.revision;
  }

  List<Mesh.ObjectWrite> writes(ObjectKey key) {
    return history.getOrDefault(key, List.of());
  }

  // What configs hold.

  void remember(RouterConfig config, Map<ObjectKey, Long> forms) {
    contents.putIfAbsent(config.digest(), Map.copyOf(forms));
  }

  Map<ObjectKey, Long> contents(Digest digest) {
    Map<ObjectKey, Long> known = contents.get(digest);
    if (known == null) {
      throw new IllegalStateException("nobody ever translated a config with digest " + digest);
    }
    return known;
  }

  /** {@return whether a config serves some object in this form} */
  boolean holds(Digest digest, Mesh.Form form) {
    return contents(digest).entrySet().stream()
        .anyMatch(
            entry ->
                writes(entry.getKey()).stream()
                    .anyMatch(write -> write.since() == entry.getValue() && write.form() == form));
  }

  // What a shell asks for.

  void start(SimShell shell, Epoch epoch, RouterConfig previous) {
    stop(shell);
    SourceCache cache = new SourceCache(world, shell, epoch, previous);
    caches.put(shell, cache);
    cache.start();
  }

  void stop(SimShell shell) {
    SourceCache cache = caches.remove(shell);
    if (cache != null) {
      cache.stop();
    }
  }

  void read(SimShell shell, long question, ObjectKey key) {
    SourceCache cache = caches.get(shell);
    if (cache == null) {
      Event failed = new Event.ObjectReadFailed(question, "no sources");
      shell.after(1, () -> shell.deliver(failed)); // Never within the step that asked.
    } else {
      cache.read(question, key);
    }
  }

  /** Lets the watches of this process fall behind for a while. */
  public void stallWatch(SimShell shell, int kind, long nanos) {
    SourceCache cache = caches.get(shell);
    if (cache != null) {
      world.mark(Mark.WATCH_STALLED);
      cache.stall(kind, nanos);
    }
  }

  /** Ends the watch of one kind: this process must list it again, and may not for a while. */
  public void expireWatch(SimShell shell, int kind, long refused) {
    SourceCache cache = caches.get(shell);
    if (cache != null) {
      world.mark(Mark.WATCH_EXPIRED);
      cache.expire(kind, refused);
    }
  }

  /** Makes this process list again from a server that lags behind. */
  public void staleRelist(SimShell shell) {
    SourceCache cache = caches.get(shell);
    if (cache != null) {
      world.mark(Mark.STALE_RELIST);
      cache.relistStale();
    }
  }

  void watchesFollowReachability() {
    caches.values().forEach(SourceCache::followReachability);
  }

  /** {@return the state of an object as it was at a revision} */
  Mesh.ObjectWrite stateAt(ObjectKey key, long revision) {
    Mesh.ObjectWrite state = new Mesh.ObjectWrite(0, Mesh.Form.DELETED, 0);
    for (Mesh.ObjectWrite write : writes(key)) {
      if (write.revision() <= revision) {
        state = write;
      }
    }
    return state;
  }

  Iterable<ObjectKey> everyKey() {
    return history.keySet();
  }
}
