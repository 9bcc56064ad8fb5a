package dev.lockstep.agent.cli;

/** Ends a command with a code and one sentence on standard error. */
final class CommandFailed extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final transient ExitCode code;

  CommandFailed(ExitCode code, String message) {
    super(message);
    this.code = code;
  }

  ExitCode code() {
    return code;
  }
}
