package dev.lockstep.agent.kubernetes.parse;

import dev.lockstep.core.config.Backend;
import java.util.Map;
import java.util.Optional;

/**
 * Reads from the annotations of a Service how the certificates of its TLS ports are verified. What
 * is not verified is so because somebody wrote it down: there is no default that believes
 * everybody.
 */
public final class BackendTlsParser {
  private static final String PREFIX = "lockstep.dev/backend-tls-";
  static final String VERIFY = PREFIX + "verify";
  static final String CA = PREFIX + "ca";
  static final String SERVER_NAME = PREFIX + "server-name";

  private BackendTlsParser() {}

  /** What the annotations say. */
  public sealed interface Outcome {}

  /**
   * Something that can be done.
   *
   * @param serverName which name to ask for
   * @param trust whose certificates to believe
   */
  public record Good(String serverName, Trusted trust) implements Outcome {}

  /** Something else, for this reason. */
  public record Bad(String reason) implements Outcome {}

  /** Whose certificates are to be believed. */
  public sealed interface Trusted {}

  /** Those of whom no object has to be read. */
  public enum Known implements Trusted {
    ANYONE,
    PUBLIC
  }

  /** The authorities in {@code ca.crt} of this Secret of the Service's namespace. */
  public record CaOf(String secret) implements Trusted {}

  /** {@return what these annotations of the backend's Service say} */
  public static Outcome parse(Backend.Id id, Map<String, String> annotations) {
    try {
      return read(id, annotations);
    } catch (Fault fault) {
      return new Bad(fault.reason());
    }
  }

  private static Good read(Backend.Id id, Map<String, String> annotations) {
    Optional<String> name = text(annotations, SERVER_NAME).map(BackendTlsParser::hostName);
    Optional<String> ca = text(annotations, CA).map(BackendTlsParser::secretName);
    String serverName = name.orElse(id.service() + "." + id.namespace() + ".svc");
    boolean verified =
        switch (text(annotations, VERIFY).orElse("on")) {
          case "on" -> true;
          case "off" -> false;
          default -> throw new Fault(VERIFY + ": (expected: on or off)");
        };
    if (!verified && ca.isPresent()) {
      throw new Fault(CA + ": there are authorities, but " + VERIFY + " is off");
    }
    if (verified && ca.isEmpty() && name.isEmpty()) {
      throw new Fault(
          "it speaks TLS, and nothing says whose certificate it has (expected: the authority in "
              + CA
              + ", or a public name in "
              + SERVER_NAME
              + ", or "
              + VERIFY
              + ": off)");
    }
    Trusted otherwise = verified ? Known.PUBLIC : Known.ANYONE;
    return new Good(serverName, ca.<Trusted>map(CaOf::new).orElse(otherwise));
  }

  private static Optional<String> text(Map<String, String> annotations, String key) {
    return Optional.ofNullable(annotations.get(key)).map(String::strip).filter(t -> !t.isEmpty());
  }

  private static String hostName(String text) {
    return HostName.parse(text)
        .filter(name -> !name.startsWith("*"))
        .orElseThrow(
            () -> new Fault(SERVER_NAME + ": " + AppAnnotations.quoted(text) + " is no host name"));
  }

  private static String secretName(String text) {
    return HostName.parse(text)
        .filter(text::equals)
        .filter(name -> !name.startsWith("*"))
        .orElseThrow(
            () -> new Fault(CA + ": " + AppAnnotations.quoted(text) + " is no name of a Secret"));
  }
}
