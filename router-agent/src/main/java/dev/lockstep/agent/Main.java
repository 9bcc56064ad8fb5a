package dev.lockstep.agent;

import java.util.List;

/** Where the process begins: {@code lockstep agent} is the router, the rest are client commands. */
public final class Main {
  private Main() {}

  /** Runs one command; the exit code says how it went. */
  public static void main(String[] arguments) {
    List<String> all = List.of(arguments);
    System.exit(Router.run(all.subList(1, all.size()), System.getenv(), System.out));
  }
}
