package dev.lockstep.agent.kubernetes;

import dev.lockstep.core.config.Digest;
import dev.lockstep.core.protocol.Address;
import dev.lockstep.core.protocol.Lease;
import dev.lockstep.core.protocol.ReplicaId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads and writes our annotations on the Lease. What somebody edited into nonsense reads as
 * missing, and is reported; what is not ours is left as it is.
 */
final class LeaseAnnotations {
  private static final Logger log = LoggerFactory.getLogger(LeaseAnnotations.class);

  static final String PREFIX = "lockstep.dev/";
  static final String EPOCH = PREFIX + "epoch";
  static final String VERSION = PREFIX + "version";
  static final String DIGEST = PREFIX + "digest";
  static final String NONCE = PREFIX + "nonce";
  static final String LEADER_URL = PREFIX + "leader-url";
  static final String LEADER_KEY = PREFIX + "leader-spki-sha256";
  static final String LEADER_HTTP = PREFIX + "leader-http";
  static final String LEADER_HTTPS = PREFIX + "leader-https";
  static final String LEADER_API = PREFIX + "leader-api";
  static final String SUCCESSORS = PREFIX + "successors";

  private LeaseAnnotations() {}

  /** {@return the annotations with ours replaced by what the lease says} */
  static Map<String, String> write(Map<String, String> present, Lease lease) {
    Map<String, String> all = new TreeMap<>(present);
    all.keySet().removeIf(key -> key.startsWith(PREFIX) && isOurs(key));
    all.put(EPOCH, lease.epoch().toString());
    all.put(VERSION, lease.version().toString());
    all.put(NONCE, lease.nonce());
    lease.digest().ifPresent(digest -> all.put(DIGEST, digest.hex()));
    lease.leader().ifPresent(address -> write(address, all));
    if (!lease.successors().isEmpty()) {
      all.put(SUCCESSORS, join(lease.successors()));
    }
    return all;
  }

  private static boolean isOurs(String key) {
    return switch (key) {
      case EPOCH, VERSION, DIGEST, NONCE, SUCCESSORS -> true;
      case LEADER_URL, LEADER_KEY, LEADER_HTTP, LEADER_HTTPS, LEADER_API -> true;
      default -> false;
    };
  }

  private static void write(Address address, Map<String, String> all) {
    all.put(LEADER_URL, address.mesh());
    all.put(LEADER_KEY, address.spkiSha256());
    all.put(LEADER_HTTP, address.http());
    all.put(LEADER_HTTPS, address.https());
    all.put(LEADER_API, address.api());
  }

  private static String join(List<ReplicaId> replicas) {
    return String.join(",", replicas.stream().map(ReplicaId::toString).toList());
  }

  /** {@return the number; 0 when it is missing or not a plain number that is not negative} */
  static long number(Map<String, String> annotations, String key) {
    String text = annotations.get(key);
    if (text == null) {
      return 0;
    }
    if (!text.isEmpty()
        && text.length() <= 18
        && text.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return Long.parseLong(text);
    }
    unreadable(key);
    return 0;
  }

  /** {@return the digest, unless it is missing or is none} */
  static Optional<Digest> digest(Map<String, String> annotations) {
    String text = annotations.get(DIGEST);
    if (text == null) {
      return Optional.empty();
    }
    if (text.length() == 64 && text.chars().allMatch(LeaseAnnotations::isHex)) {
      return Optional.of(new Digest(text));
    }
    unreadable(DIGEST);
    return Optional.empty();
  }

  private static boolean isHex(int c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
  }

  /** {@return where the leader is; absent unless both its URL and its key are there} */
  static Optional<Address> leader(Map<String, String> annotations) {
    String url = text(annotations, LEADER_URL);
    String key = text(annotations, LEADER_KEY);
    if (url.isEmpty() || key.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new Address(
            url,
            key,
            text(annotations, LEADER_HTTP),
            text(annotations, LEADER_HTTPS),
            text(annotations, LEADER_API)));
  }

  /** {@return who may follow, most suitable first} */
  static List<ReplicaId> successors(Map<String, String> annotations) {
    List<ReplicaId> replicas = new ArrayList<>();
    for (String part : text(annotations, SUCCESSORS).split(",", -1)) {
      if (!part.isBlank()) {
        replicas.add(ReplicaId.parse(part.strip()));
      }
    }
    return replicas;
  }

  /** {@return the text, empty when it is missing} */
  static String text(Map<String, String> annotations, String key) {
    return annotations.getOrDefault(key, "");
  }

  private static void unreadable(String key) {
    log.atWarn()
        .addKeyValue("annotation", key)
        .log("Lease annotation is unreadable, taken as none");
  }
}
