package dev.lockstep.agent.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
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

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Shows this help.")
  private boolean help;

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

  private final Terminal terminal;

  ApiOptions(Terminal terminal) {
    this.terminal = terminal;
  }

  Terminal terminal() {
    return terminal;
  }

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
  int show(String path, BiConsumer<JsonNode, Terminal> table) {
    print(read(path), table);
    return ExitCode.OK.code();
  }

  /** {@return what is there at once} */
  JsonNode read(String path) {
    output();
    ApiClient.Answer answer = client().read(path);
    ExitCode code = ExitCode.of(answer.status());
    if (code != ExitCode.OK) {
      throw new CommandFailed(code, answer.detail());
    }
    return answer.body();
  }

  /** Prints an answer in the shape that was asked for. */
  void print(JsonNode body, BiConsumer<JsonNode, Terminal> table) {
    if (output() == Output.JSON) {
      terminal.out().println(body.toPrettyString());
    } else {
      table.accept(body, terminal);
    }
  }
}
