package dev.lockstep.agent.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code lockstep log}: what the replicas said, and what they say from now on. */
@Command(name = "log", description = "What the replicas said to their leader, oldest first.")
final class LogCommand implements Callable<Integer> {
  private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(1);

  @Mixin private final ApiOptions options;

  @Option(
      names = {"-f", "--follow"},
      description = "Goes on with what comes, over changes of the leader, until interrupted.")
  private boolean follow;

  LogCommand(Terminal terminal) {
    options = new ApiOptions(terminal);
  }

  @Override
  public Integer call() {
    JsonNode page = options.read("/v1/acks");
    if (!follow) {
      options.print(page, Views::acks);
      return ExitCode.OK.code();
    }
    Terminal terminal = options.terminal();
    boolean table = options.output() == ApiOptions.Output.TABLE;
    if (table) {
      Views.ackHeading(terminal);
    }
    while (true) {
      for (JsonNode ack : page.path("acks")) {
        if (table) {
          Views.ack(ack, terminal);
        } else {
          terminal.out().println(ack);
        }
      }
      ApiClient.pause(BETWEEN_LOOKS);
      page = options.read("/v1/acks?since=" + page.path("next").asText());
    }
  }
}
