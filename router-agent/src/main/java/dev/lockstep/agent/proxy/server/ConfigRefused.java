package dev.lockstep.agent.proxy.server;

import dev.lockstep.core.config.ConfigProblem;
import java.util.List;

/** A config that cannot be served, so the one before it stays. */
public final class ConfigRefused extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final transient List<ConfigProblem> problems;

  ConfigRefused(List<ConfigProblem> problems) {
    super(problems.toString());
    this.problems = List.copyOf(problems);
  }

  /** {@return why not; never holds secret material} */
  public List<ConfigProblem> problems() {
    return problems;
  }
}
