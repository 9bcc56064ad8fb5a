package dev.lockstep.agent.kubernetes.translate;

import dev.lockstep.agent.kubernetes.parse.SourceKind;
import dev.lockstep.core.config.Backend;
import dev.lockstep.core.config.ObjectKey;
import dev.lockstep.core.config.RouterConfig;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Services, their slices, the Secrets of their authorities, and which ports routes refer to. Finds
 * out which backends a change touches, and what they are now.
 *
 * <p>Confined to its owner's thread.
 */
final class Backends {
  private static final String SERVICE_LABEL = "kubernetes.io/service-name";

  private final Map<ObjectKey, Service> services = new HashMap<>();
  private final Map<ObjectKey, ObjectKey> serviceOfSlice = new HashMap<>();
  private final Map<ObjectKey, Map<ObjectKey, EndpointSlice>> slices = new HashMap<>();

  /** Objects whose routes refer to a backend; how often is counted. */
  private final Map<Backend.Id, Map<ObjectKey, Integer>> users = new HashMap<>();

  private final Map<ObjectKey, Set<Backend.Id>> used = new HashMap<>();
  private final Map<Backend.Id, String> problems = new HashMap<>();
  private final Authorities authorities;
  private final Set<Backend.Id> dirty = new TreeSet<>(Backends::compare);

  /**
   * @param previous what was served before: authorities there are the last good ones
   */
  Backends(RouterConfig previous) {
    this.authorities = new Authorities(previous);
  }

  private static int compare(Backend.Id a, Backend.Id b) {
    return Backend.key(a).compareTo(Backend.key(b));
  }

  void put(ObjectKey key, Service service) {
    services.put(key, service);
    touch(key);
  }

  void put(ObjectKey key, EndpointSlice slice) {
    remove(key);
    Map<String, String> labels = slice.getMetadata().getLabels();
    String name = labels == null ? null : labels.get(SERVICE_LABEL);
    if (name != null) {
      ObjectKey service = SourceKind.SERVICE.key(key.namespace(), name);
      serviceOfSlice.put(key, service);
      slices.computeIfAbsent(service, k -> new TreeMap<>()).put(key, slice);
      touch(service);
    }
  }

  /** A Secret, which some may need to know their authorities. */
  void put(ObjectKey key, Secret secret) {
    authorities.put(key, secret);
    dirty.addAll(authorities.usersOf(key));
  }

  /** Forgets a Service, a slice or a Secret. */
  void remove(ObjectKey key) {
    authorities.remove(key);
    dirty.addAll(authorities.usersOf(key));
    if (services.remove(key) != null) {
      touch(key);
    }
    ObjectKey service = serviceOfSlice.remove(key);
    if (service != null) {
      Map<ObjectKey, EndpointSlice> rest = slices.get(service);
      if (rest != null) {
        rest.remove(key);
        if (rest.isEmpty()) {
          slices.remove(service);
        }
      }
      touch(service);
    }
  }

  private void touch(ObjectKey service) {
    dirty.addAll(used.getOrDefault(service, Set.of()));
  }

  /** A route of this object refers to the backend. */
  void use(Backend.Id id, ObjectKey origin) {
    users.computeIfAbsent(id, k -> new TreeMap<>()).merge(origin, 1, Integer::sum);
    if (used.computeIfAbsent(service(id), k -> new TreeSet<>(Backends::compare)).add(id)) {
      dirty.add(id);
    }
  }

  /** A route of this object refers to the backend no longer. */
  void release(Backend.Id id, ObjectKey origin) {
    Map<ObjectKey, Integer> origins = users.getOrDefault(id, new TreeMap<>());
    origins.computeIfPresent(origin, (key, count) -> count == 1 ? null : count - 1);
    if (origins.isEmpty()) {
      users.remove(id);
      Set<Backend.Id> rest = used.getOrDefault(service(id), new TreeSet<>(Backends::compare));
      rest.remove(id);
      if (rest.isEmpty()) {
        used.remove(service(id));
      }
      dirty.add(id);
    }
  }

  /**
   * A backend that a change may have touched.
   *
   * @param backend as it is now; absent if no route refers to it
   * @param told whether the objects that refer to it have something new to hear
   */
  record Settled(Optional<Backend> backend, boolean told) {}

  /** {@return what the backends are now that changes may have touched} */
  Map<Backend.Id, Settled> settle() {
    Map<Backend.Id, Settled> settled = new TreeMap<>(Backends::compare);
    for (Backend.Id id : dirty) {
      if (users.containsKey(id)) {
        BackendResolver.Resolved resolved =
            BackendResolver.resolve(
                id,
                Optional.ofNullable(services.get(service(id))),
                slices.getOrDefault(service(id), Map.of()).values(),
                authorities);
        String before = problems.put(id, resolved.problem());
        boolean told = !resolved.problem().equals(before == null ? "" : before);
        settled.put(id, new Settled(Optional.of(resolved.backend()), told));
      } else {
        problems.remove(id);
        authorities.release(id);
        settled.put(id, new Settled(Optional.empty(), false));
      }
    }
    dirty.clear();
    return settled;
  }

  /** {@return what is wrong with the backend, empty if nothing} */
  String problem(Backend.Id id) {
    return problems.getOrDefault(id, "");
  }

  /** {@return the objects whose routes refer to the backend} */
  Collection<ObjectKey> usersOf(Backend.Id id) {
    return List.copyOf(users.getOrDefault(id, Map.of()).keySet());
  }

  /** {@return whether a route refers to this Service, or to the one of this slice} */
  boolean isUsed(ObjectKey key) {
    return used.containsKey(serviceOfSlice.getOrDefault(key, key));
  }

  /** {@return what the authorities of backends are, as far as Secrets hold them} */
  Authorities authorities() {
    return authorities;
  }

  /** {@return the Secrets of authorities about which there is something new to say} */
  Set<ObjectKey> takeSecretsWithNews() {
    return authorities.takeNews();
  }

  Optional<Service> service(ObjectKey key) {
    return Optional.ofNullable(services.get(key));
  }

  private static ObjectKey service(Backend.Id id) {
    return SourceKind.SERVICE.key(id.namespace(), id.service());
  }
}
