package dev.lockstep.agent.kubernetes.translate;

import dev.lockstep.agent.kubernetes.parse.AuthoritiesParser;
import dev.lockstep.agent.kubernetes.parse.SourceKind;
import dev.lockstep.core.config.Backend;
import dev.lockstep.core.config.BackendTls;
import dev.lockstep.core.config.ObjectKey;
import dev.lockstep.core.config.RouterConfig;
import io.fabric8.kubernetes.api.model.Secret;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Secrets that hold the authorities of backends, and which backends need them. One that turned bad
 * keeps its last good form; one that is gone has none, and then nobody is believed.
 *
 * <p>Confined to its owner's thread.
 */
final class Authorities {

  /**
   * What a backend may believe.
   *
   * @param trust absent if nobody
   * @param problem for people; empty if all is well
   */
  record Found(Optional<BackendTls.Trust> trust, String problem) {}

  private final RouterConfig previous;
  private final Map<ObjectKey, Secret> secrets = new HashMap<>();
  private final Map<ObjectKey, BackendTls.Trust> lastGood = new HashMap<>();
  private final Map<ObjectKey, Set<Backend.Id>> users = new HashMap<>();
  private final Map<Backend.Id, ObjectKey> used = new HashMap<>();
  private final Map<ObjectKey, String> problems = new HashMap<>();
  private final Set<ObjectKey> news = new TreeSet<>();

  /** What was served before decides as long as nothing good has been seen. */
  Authorities(RouterConfig previous) {
    this.previous = previous;
  }

  void put(ObjectKey key, Secret secret) {
    secrets.put(key, secret);
  }

  void remove(ObjectKey key) {
    secrets.remove(key);
    lastGood.remove(key);
  }

  /** {@return the backends that need this Secret} */
  Set<Backend.Id> usersOf(ObjectKey secret) {
    return users.getOrDefault(secret, Set.of());
  }

  /** {@return what is wrong with a Secret that is needed, empty if nothing} */
  String problem(ObjectKey secret) {
    return problems.getOrDefault(secret, "");
  }

  /** {@return the Secrets about which there is something new to say, once} */
  Set<ObjectKey> takeNews() {
    Set<ObjectKey> taken = new TreeSet<>(news);
    news.clear();
    return taken;
  }

  /** {@return what the backend, which is in need of this Secret from now on, may believe} */
  Found of(Backend.Id backend, String secret) {
    ObjectKey key = SourceKind.SECRET.key(backend.namespace(), secret);
    release(backend);
    used.put(backend, key);
    users.computeIfAbsent(key, _ -> new HashSet<>()).add(backend);
    Found found = read(backend, key);
    problems.put(key, found.problem());
    news.add(key);
    return found;
  }

  private Found read(Backend.Id backend, ObjectKey key) {
    String name = "secret " + key.namespace() + "/" + key.name();
    Secret object = secrets.get(key);
    if (object == null) {
      String problem = "there is no " + name + " of type kubernetes.io/tls";
      return new Found(Optional.empty(), problem);
    }
    return switch (AuthoritiesParser.parse(object)) {
      case AuthoritiesParser.Good good -> {
        lastGood.put(key, good.authorities());
        yield new Found(Optional.of(good.authorities()), "");
      }
      case AuthoritiesParser.Bad bad -> {
        Optional<BackendTls.Trust> last =
            Optional.ofNullable(lastGood.get(key)).or(() -> before(backend));
        String instead = last.isPresent() ? "; its last good form serves" : "";
        yield new Found(last, name + ": " + bad.reason() + instead);
      }
    };
  }

  private Optional<BackendTls.Trust> before(Backend.Id backend) {
    return previous
        .backend(backend)
        .map(Backend::protocol)
        .filter(BackendTls.class::isInstance)
        .map(protocol -> ((BackendTls) protocol).trust())
        .filter(BackendTls.Authorities.class::isInstance);
  }

  /** The backend needs no Secret any more. */
  void release(Backend.Id backend) {
    ObjectKey key = used.remove(backend);
    if (key != null) {
      Set<Backend.Id> rest = users.getOrDefault(key, new HashSet<>());
      rest.remove(backend);
      if (rest.isEmpty()) {
        users.remove(key);
        problems.remove(key);
      }
      news.add(key);
    }
  }
}
