package dev.lockstep.agent.cli;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * All commands of {@code lockstep}. {@code agent} is the router and reads its own settings; the
 * rest ask a mesh over HTTP.
 */
@Command(
    name = "lockstep",
    description = "A Kubernetes router that knows when a change is live on every replica.",
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "  agent     Runs a router (lockstep agent --help lists its settings).",
      "",
      "Exit codes: 0 open or done, 2 usage, 3 not in time, 4 rejected, 5 not found,",
      "6 no leader or unreachable."
    })
public final class Cli implements Runnable {
  private static final String AGENT = "agent";

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Shows this help.")
  private boolean help;

  @Spec private @Nullable CommandSpec spec;

  private Cli() {}

  /**
   * Runs one command on the terminal of this process.
   *
   * @param arguments of the process
   * @param agent runs the router with what follows {@code agent}
   * @param version of this build
   * @return the exit code
   */
  public static int run(List<String> arguments, ToIntFunction<List<String>> agent, String version) {
    return run(arguments, agent, version, Terminal.ofProcess(System.getenv()));
  }

  /** Runs one command on this terminal. */
  static int run(
      List<String> arguments,
      ToIntFunction<List<String>> agent,
      String version,
      Terminal terminal) {
    if (!arguments.isEmpty() && arguments.getFirst().equals(AGENT)) {
      return agent.applyAsInt(arguments.subList(1, arguments.size()));
    }
    CommandLine commands =
        new CommandLine(new Cli())
            .addSubcommand("status", new StatusCommand(terminal))
            .addSubcommand("wait", new WaitCommand(terminal))
            .addSubcommand("replicas", new ReplicasCommand(terminal))
            .addSubcommand("config", new ConfigCommand(terminal))
            .addSubcommand("log", new LogCommand(terminal))
            .addSubcommand("version", new VersionCommand(version, terminal));
    commands.setOut(new PrintWriter(terminal.out(), true, StandardCharsets.UTF_8));
    commands.setErr(new PrintWriter(terminal.err(), true, StandardCharsets.UTF_8));
    commands.setExecutionExceptionHandler((thrown, command, parsed) -> failed(thrown, terminal));
    return commands.execute(arguments.toArray(String[]::new));
  }

  private static int failed(Exception thrown, Terminal terminal) throws Exception {
    if (thrown instanceof CommandFailed failure) {
      terminal.err().println("lockstep: " + failure.getMessage());
      return failure.code().code();
    }
    throw thrown;
  }

  /** Without a command there is nothing to do. */
  @Override
  public void run() {
    CommandLine command = java.util.Objects.requireNonNull(spec).commandLine();
    throw new ParameterException(command, "COMMAND: nothing (expected: one of those below)");
  }

  /** {@code lockstep status}. */
  @Command(
      name = "status",
      description = "Who leads, what is current, what is open, and what cannot be served.")
  static final class StatusCommand implements Callable<Integer> {
    @Mixin private final ApiOptions options;

    StatusCommand(Terminal terminal) {
      options = new ApiOptions(terminal);
    }

    @Override
    public Integer call() {
      return options.show("/v1/replicas", Views::status);
    }
  }

  /** {@code lockstep replicas}. */
  @Command(name = "replicas", description = "Every replica with its version, state and address.")
  static final class ReplicasCommand implements Callable<Integer> {
    @Mixin private final ApiOptions options;

    ReplicasCommand(Terminal terminal) {
      options = new ApiOptions(terminal);
    }

    @Override
    public Integer call() {
      return options.show("/v1/replicas", Views::replicas);
    }
  }

  /** {@code lockstep config}. */
  @Command(
      name = "config",
      description = "The whole config as it is served; certificates by their fingerprints.")
  static final class ConfigCommand implements Callable<Integer> {
    @Mixin private final ApiOptions options;

    ConfigCommand(Terminal terminal) {
      options = new ApiOptions(terminal);
    }

    @Override
    public Integer call() {
      return options.show("/v1/config", Views::config);
    }
  }

  /** {@code lockstep version}. */
  @Command(name = "version", description = "The version of this program.")
  static final class VersionCommand implements Callable<Integer> {
    @Option(
        names = {"-h", "--help"},
        usageHelp = true,
        description = "Shows this help.")
    private boolean help;

    private final String version;
    private final Terminal terminal;

    VersionCommand(String version, Terminal terminal) {
      this.version = version;
      this.terminal = terminal;
    }

    @Override
    public Integer call() {
      terminal.out().println("lockstep " + version);
      return ExitCode.OK.code();
    }
  }
}
