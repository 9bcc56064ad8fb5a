package dev.lockstep.agent.kubernetes.parse;

import dev.lockstep.core.config.Cidr;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The annotations with which an application asks to be routed. Their names and meanings are a
 * published contract; an annotation that is there and empty counts as missing.
 *
 * @param values of all annotations of the object
 */
record AppAnnotations(Map<String, String> values) {
  static final String PREFIX = "router.deis.io/";
  static final String DOMAINS = PREFIX + "domains";
  static final String CERTIFICATES = PREFIX + "certificates";
  static final String WHITELIST = PREFIX + "whitelist";
  static final String CONNECT_TIMEOUT = PREFIX + "connectTimeout";
  static final String TCP_TIMEOUT = PREFIX + "tcpTimeout";
  static final String MAINTENANCE = PREFIX + "maintenance";
  static final String SSL_ENFORCE = PREFIX + "ssl.enforce";

  private static final Set<String> KNOWN =
      Set.of(
          DOMAINS, CERTIFICATES, WHITELIST, CONNECT_TIMEOUT, TCP_TIMEOUT, MAINTENANCE, SSL_ENFORCE);

  /** A value is quoted to people no longer than this. */
  private static final int LONGEST_QUOTE = 80;

  /** {@return the domains as written, in their order} */
  List<String> domains() {
    return list(DOMAINS);
  }

  /**
   * {@return the certificates as written: domain and name of each}
   *
   * @throws Fault if an element is not {@code domain:name}
   */
  List<Mapping> certificates() {
    List<Mapping> mappings = new ArrayList<>();
    for (String element : list(CERTIFICATES)) {
      String[] parts = element.split(":", -1);
      if (parts.length != 2 || parts[0].isBlank() || !isObjectName(parts[1].strip())) {
        throw new Fault(CERTIFICATES + ": " + quoted(element) + " (expected: domain:name)");
      }
      mappings.add(new Mapping(parts[0].strip(), parts[1].strip()));
    }
    return mappings;
  }

  /** One element of the certificates annotation. */
  record Mapping(String domain, String name) {}

  /**
   * {@return the addresses that may come in; absent if everyone may}
   *
   * @throws Fault if an element is no address and no CIDR: then nobody knows who may come in
   */
  Optional<List<Cidr>> whitelist() {
    if (text(WHITELIST).isEmpty()) {
      return Optional.empty();
    }
    List<Cidr> allowed = new ArrayList<>();
    for (String element : text(WHITELIST).split(",", -1)) {
      allowed.add(
          Cidr.parse(element)
              .orElseThrow(
                  () -> new Fault(WHITELIST + ": " + quoted(element) + " is no address or CIDR")));
    }
    return Optional.of(allowed);
  }

  /**
   * {@return the time span, or the other one if it is not there}
   *
   * @throws Fault if it is none
   */
  Duration timeSpan(String key, Duration otherwise) {
    String text = text(key);
    if (text.isEmpty()) {
      return otherwise;
    }
    return TimeSpan.parse(text)
        .orElseThrow(
            () -> new Fault(key + ": " + quoted(text) + " (expected: a time, at most a day)"));
  }

  /**
   * {@return the flag, false if it is not there; Python's spelling counts}
   *
   * @throws Fault if it is neither true nor false
   */
  boolean flag(String key) {
    String text = text(key).toLowerCase(Locale.ROOT);
    return switch (text) {
      case "true" -> true;
      case "", "false" -> false;
      default -> throw new Fault(key + ": " + quoted(text) + " (expected: true or false)");
    };
  }

  /** {@return keys of the contract's namespace that mean nothing to us, in order} */
  List<String> ignored() {
    return values.keySet().stream()
        .filter(key -> key.startsWith(PREFIX) && !KNOWN.contains(key))
        .sorted()
        .toList();
  }

  private List<String> list(String key) {
    List<String> elements = new ArrayList<>();
    for (String element : text(key).split(",", -1)) {
      if (!element.isBlank()) {
        elements.add(element.strip());
      }
    }
    return elements;
  }

  private String text(String key) {
    return values.getOrDefault(key, "").strip();
  }

  private static boolean isObjectName(String name) {
    return HostName.parse(name).filter(name::equals).isPresent() && !name.startsWith("*");
  }

  static String quoted(String text) {
    return "'" + (text.length() <= LONGEST_QUOTE ? text : text.substring(0, LONGEST_QUOTE)) + "'";
  }
}
