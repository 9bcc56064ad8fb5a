package dev.lockstep.agent.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintStream;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.function.BiConsumer;
import picocli.CommandLine.Option;

/** What all commands have in common: whom to ask, and how to print. Filled by picocli. */
final class ApiOptions {

  /** Shape of the output. */
  enum Output {
    TABLE,
    JSON
  }

  /** How long a command without a time of its own goes on trying. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  @Option(
      names = "--api",
      split = ",",
      paramLabel = "URL",
      defaultValue = "${env:LOCKSTEP_API:-http://127.0.0.1:8090}",
      description = {
        "Base URLs of replicas, asked in turn (default: $LOCKSTEP_API,",
        "else http://127.0.0.1:8090)."
      })
  private List<URI> api = List.of();

  @Option(
      names = {"-o", "--output"},
      paramLabel = "table|json",
      defaultValue = "table",
      description = "Shape of the output (default: table).")
  private String output = "table";

  ApiClient client() {
    return new ApiClient(api);
  }

  Output output() {
    return switch (output.toLowerCase(Locale.ROOT)) {
      case "table" -> Output.TABLE;
      case "json" -> Output.JSON;
      default ->
          throw new CommandFailed(
              ExitCode.USAGE, "--output: " + output + " (expected: table or json)");
    };
  }

  /** Asks for something that is there at once, and prints it. */
  int show(String path, PrintStream out, BiConsumer<JsonNode, PrintStream> table) {
    Output shape = output();
    ApiClient.Answer answer = client().get(path, PATIENCE);
    ExitCode code = ExitCode.of(answer.status());
    if (code != ExitCode.OK) {
      throw new CommandFailed(code, answer.detail());
    }
    if (shape == Output.JSON) {
      out.println(answer.body().toPrettyString());
    } else {
      table.accept(answer.body(), out);
    }
    return ExitCode.OK.code();
  }
}
