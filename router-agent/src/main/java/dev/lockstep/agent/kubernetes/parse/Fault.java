package dev.lockstep.agent.kubernetes.parse;

/**
 * Ends the parsing of one object that cannot be served as written. Never leaves this package: it
 * becomes a {@link Parsed.Faulty}.
 */
final class Fault extends RuntimeException {
  private static final long serialVersionUID = 1;

  Fault(String reason) {
    super(reason, null, false, false);
  }

  String reason() {
    return String.valueOf(getMessage());
  }
}
