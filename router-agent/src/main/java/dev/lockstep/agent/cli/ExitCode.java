package dev.lockstep.agent.cli;

/** What a command's exit code says. A script can rely on these numbers. */
public enum ExitCode {
  /** Done; for {@code wait}: the barrier is open. */
  OK(0),
  /** The command line is wrong. */
  USAGE(2),
  /** Not every replica was there in time. */
  NOT_IN_TIME(3),
  /** The object cannot be served as it is written. */
  REJECTED(4),
  /** There is no such object, or the router does not serve it. */
  NOT_FOUND(5),
  /** No replica answered, or none of them knows a leader. */
  UNREACHABLE(6);

  private final int code;

  ExitCode(int code) {
    this.code = code;
  }

  /** {@return the number that the process ends with} */
  public int code() {
    return code;
  }

  /** {@return what an answer of the API means} */
  static ExitCode of(int status) {
    return switch (status / 100) {
      case 2 -> OK;
      case 4 -> status == 404 ? NOT_FOUND : status == 409 ? REJECTED : USAGE;
      default -> status == 504 ? NOT_IN_TIME : UNREACHABLE;
    };
  }
}
