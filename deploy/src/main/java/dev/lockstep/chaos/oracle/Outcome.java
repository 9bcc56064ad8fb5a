package dev.lockstep.chaos.oracle;

/** What became of a request on a route whose backends live. */
public enum Outcome {
  /** Answered by a backend, or with 404 where there may be no route. */
  ANSWERED("answered"),
  /** The server closed an idle connection just then; sent again on a new one, as HTTP says. */
  REOPENED("sent again after a close"),
  /** The process was killed. */
  KILLED("failed: process killed"),
  /** The process was stopped in place, for about the fence time or longer. */
  PAUSED("failed: process paused"),
  /** Anything else. */
  FAILED("failed");

  private final String label;

  Outcome(String label) {
    this.label = label;
  }

  /** {@return its name for a report} */
  public String label() {
    return label;
  }
}
