package dev.lockstep.agent;

import dev.lockstep.agent.settings.AgentSettings;
import dev.lockstep.agent.settings.LogSetup;
import dev.lockstep.agent.settings.SettingsReading;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;

/** {@code lockstep agent}: runs a router until it is told to stop. */
final class Router {
  /** The settings are wrong, or do not fit this machine. */
  static final int USAGE = 2;

  private Router() {}

  /** Runs a router; returns the exit code of the process. */
  static int run(List<String> arguments, Map<String, String> environment, PrintStream out) {
    return switch (AgentSettings.read(arguments, environment)) {
      case SettingsReading.Help(String text) -> {
        out.print(text);
        yield 0;
      }
      case SettingsReading.Invalid(List<String> problems) -> {
        problems.forEach(problem -> System.err.println("lockstep agent: " + problem));
        System.err.println("Run 'lockstep agent --help' for all settings.");
        yield USAGE;
      }
      case SettingsReading.Read(AgentSettings settings) -> run(settings);
    };
  }

  private static int run(AgentSettings settings) {
    LogSetup.apply(settings.logs());
    Agent agent;
    try {
      agent = Agent.start(settings);
    } catch (IllegalArgumentException | UncheckedIOException e) {
      System.err.println("lockstep agent: " + e.getMessage());
      return USAGE;
    }
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  agent.stop();
                  LogSetup.flush();
                  // Asked to stop and stopped in order: that is success, whatever the signal was.
                  Runtime.getRuntime().halt(0);
                },
                "stop"));
    int code = agent.ended().join();
    if (code != 0) {
      // The machine itself failed: there is nothing that could be left in order.
      LogSetup.flush();
      Runtime.getRuntime().halt(code);
    }
    return code;
  }
}
