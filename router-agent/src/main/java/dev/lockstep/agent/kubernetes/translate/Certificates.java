package dev.lockstep.agent.kubernetes.translate;

import dev.lockstep.agent.kubernetes.parse.CertificateParser;
import dev.lockstep.core.config.Certificate;
import dev.lockstep.core.config.ObjectKey;
import dev.lockstep.core.config.RouterConfig;
import io.fabric8.kubernetes.api.model.Secret;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Secrets, and which hosts need them. A Secret that turned bad keeps its last good certificate; one
 * that is gone has none.
 *
 * <p>Confined to its owner's thread.
 */
final class Certificates {
  private final RouterConfig previous;
  private final Map<Certificate.Id, Secret> secrets = new HashMap<>();
  private final Map<Certificate.Id, Map<String, ObjectKey>> users = new HashMap<>();
  private final Map<Certificate.Id, Certificate> usable = new HashMap<>();
  private final Map<Certificate.Id, String> problems = new HashMap<>();
  private final Set<Certificate.Id> dirty = new TreeSet<>(Certificates::compare);

  /** Those that were good or missing since: what was served before them is the past. */
  private final Set<Certificate.Id> decided = new TreeSet<>(Certificates::compare);

  /**
   * @param previous what was served before: a certificate there is the last good one
   */
  Certificates(RouterConfig previous) {
    this.previous = previous;
  }

  private static int compare(Certificate.Id a, Certificate.Id b) {
    return Certificate.key(a).compareTo(Certificate.key(b));
  }

  void put(ObjectKey key, Secret secret) {
    Certificate.Id id = id(key);
    secrets.put(id, secret);
    dirty.add(id);
  }

  void remove(ObjectKey key) {
    Certificate.Id id = id(key);
    secrets.remove(id);
    dirty.add(id);
  }

  /** The host needs the certificate, because this object says so. */
  void use(Certificate.Id id, String host, ObjectKey origin) {
    users.computeIfAbsent(id, k -> new TreeMap<>()).put(host, origin);
    dirty.add(id);
  }

  /** The host needs the certificate no longer. */
  void release(Certificate.Id id, String host) {
    Map<String, ObjectKey> hosts = users.getOrDefault(id, new TreeMap<>());
    hosts.remove(host);
    if (hosts.isEmpty()) {
      users.remove(id);
    }
    dirty.add(id);
  }

  /** {@return what the certificates are now that changes touched; empty if there is none} */
  Map<Certificate.Id, Optional<Certificate>> settle() {
    Map<Certificate.Id, Optional<Certificate>> settled = new TreeMap<>(Certificates::compare);
    for (Certificate.Id id : dirty) {
      if (users.containsKey(id)) {
        settled.put(id, read(id));
      } else {
        usable.remove(id);
        problems.remove(id);
        settled.put(id, Optional.empty());
      }
    }
    dirty.clear();
    return settled;
  }

  private Optional<Certificate> read(Certificate.Id id) {
    Secret secret = secrets.get(id);
    if (secret == null) {
      usable.remove(id);
      decided.add(id);
      problems.put(id, "there is no secret " + id + " of type kubernetes.io/tls");
      return Optional.empty();
    }
    return switch (CertificateParser.parse(id, secret)) {
      case CertificateParser.Good good -> {
        usable.put(id, good.certificate());
        decided.add(id);
        problems.remove(id);
        yield Optional.of(good.certificate());
      }
      case CertificateParser.Bad bad -> keepLastGood(id, bad.reason());
    };
  }

  private Optional<Certificate> keepLastGood(Certificate.Id id, String reason) {
    Optional<Certificate> last = lastGood(id);
    last.ifPresent(certificate -> usable.put(id, certificate));
    String serving = last.isPresent() ? "; the last good certificate serves" : "; no TLS";
    problems.put(id, "secret " + id + ": " + reason + serving);
    return last;
  }

  private Optional<Certificate> lastGood(Certificate.Id id) {
    Optional<Certificate> known = Optional.ofNullable(usable.get(id));
    return decided.contains(id) ? known : known.or(() -> previous.certificate(id));
  }

  /** {@return whether there is a certificate to serve} */
  boolean isUsable(Certificate.Id id) {
    return usable.containsKey(id);
  }

  /** {@return what is wrong with the certificate, empty if nothing} */
  String problem(Certificate.Id id) {
    return problems.getOrDefault(id, "");
  }

  /** {@return whether there is a Secret, though one that cannot be served} */
  boolean isBad(Certificate.Id id) {
    return secrets.containsKey(id) && problems.containsKey(id);
  }

  /** {@return the hosts that need the certificate, and the objects that say so} */
  Map<String, ObjectKey> usersOf(Certificate.Id id) {
    return users.getOrDefault(id, Map.of());
  }

  Collection<ObjectKey> originsOf(Certificate.Id id) {
    return List.copyOf(usersOf(id).values());
  }

  boolean isUsed(ObjectKey key) {
    return users.containsKey(id(key));
  }

  static Certificate.Id id(ObjectKey secret) {
    return new Certificate.Id(secret.namespace(), secret.name());
  }
}
