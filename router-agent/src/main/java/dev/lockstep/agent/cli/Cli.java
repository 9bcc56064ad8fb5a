package dev.lockstep.agent.cli;

import java.io.PrintStream;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.ToIntFunction;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * All commands of {@code lockstep}. {@code agent} is the router and reads its own settings; the
 * rest ask a mesh over HTTP.
 */
@Command(
    name = "lockstep",
    mixinStandardHelpOptions = false,
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

  private Cli() {}

  /**
   * Runs one command.
   *
   * @param arguments of the process
   * @param agent runs the router with what follows {@code agent}
   * @param version of this build
   * @return the exit code
   */
  public static int run(List<String> arguments, ToIntFunction<List<String>> agent, String version) {
    if (!arguments.isEmpty() && arguments.getFirst().equals(AGENT)) {
      return agent.applyAsInt(arguments.subList(1, arguments.size()));
    }
    CommandLine commands =
        new CommandLine(new Cli())
            .addSubcommand("status", new StatusCommand())
            .addSubcommand("wait", new WaitCommand())
            .addSubcommand("replicas", new ReplicasCommand())
            .addSubcommand("config", new ConfigCommand())
            .addSubcommand("log", new LogCommand())
            .addSubcommand("version", new VersionCommand(version));
    commands.setExecutionExceptionHandler(Cli::failed);
    commands.setExitCodeExceptionMapper(e -> ExitCode.USAGE.code());
    return commands.execute(arguments.toArray(String[]::new));
  }

  private static int failed(Exception thrown, CommandLine command, CommandLine.ParseResult parsed)
      throws Exception {
    if (thrown instanceof CommandFailed failure) {
      System.err.println("lockstep: " + failure.getMessage());
      return failure.code().code();
    }
    throw thrown;
  }

  /** Without a command: says what there is. */
  @Override
  public void run() {
    CommandLine.usage(this, System.out);
  }

  /** {@code lockstep status}. */
  @Command(
      name = "status",
      mixinStandardHelpOptions = true,
      description = "Who leads, what is current, what is open, and what cannot be served.")
  static final class StatusCommand implements Callable<Integer> {
    @Mixin private final ApiOptions options = new ApiOptions();

    @Override
    public Integer call() {
      return options.show("/v1/replicas", System.out, Views::status);
    }
  }

  /** {@code lockstep replicas}. */
  @Command(
      name = "replicas",
      mixinStandardHelpOptions = true,
      description = "Every replica with its version, state and address.")
  static final class ReplicasCommand implements Callable<Integer> {
    @Mixin private final ApiOptions options = new ApiOptions();

    @Override
    public Integer call() {
      return options.show("/v1/replicas", System.out, Views::replicas);
    }
  }

  /** {@code lockstep config}. */
  @Command(
      name = "config",
      mixinStandardHelpOptions = true,
      description = "The whole config as it is served; certificates by their fingerprints.")
  static final class ConfigCommand implements Callable<Integer> {
    @Mixin private final ApiOptions options = new ApiOptions();

    @Override
    public Integer call() {
      return options.show("/v1/config", System.out, Views::config);
    }
  }

  /** {@code lockstep log}. */
  @Command(
      name = "log",
      mixinStandardHelpOptions = true,
      description = "What the replicas said to their leader, oldest first.")
  static final class LogCommand implements Callable<Integer> {
    private static final String DATA = "data:";

    @Mixin private final ApiOptions options = new ApiOptions();

    @Option(
        names = {"-f", "--follow"},
        description = "Goes on with what the asked replica announces, until interrupted.")
    private boolean follow;

    @Override
    public Integer call() {
      int code = options.show("/v1/acks", System.out, Views::acks);
      if (follow) {
        options.client().stream("/v1/events", line -> print(line, System.out));
      }
      return code;
    }

    private static void print(String line, PrintStream out) {
      if (line.startsWith(DATA) || line.startsWith("event:")) {
        out.println(line.substring(line.indexOf(':') + 1).strip());
      }
    }
  }

  /** {@code lockstep version}. */
  @Command(
      name = "version",
      mixinStandardHelpOptions = true,
      description = "The version of this program.")
  static final class VersionCommand implements Callable<Integer> {
    private final String version;

    VersionCommand(String version) {
      this.version = version;
    }

    @Override
    public Integer call() {
      System.out.println("lockstep " + version);
      return ExitCode.OK.code();
    }
  }
}
