package dev.lockstep.agent;

import dev.lockstep.agent.cli.Cli;
import java.util.List;

/** Where the process begins: {@code lockstep agent} is the router, the rest are client commands. */
public final class Main {
  private Main() {}

  /** Runs one command; the exit code says how it went. */
  public static void main(String[] arguments) {
    int code =
        Cli.run(
            List.of(arguments),
            settings -> Router.run(settings, System.getenv(), System.out),
            Build.version());
    System.exit(code);
  }
}
