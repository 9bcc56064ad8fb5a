package dev.lockstep.agent.cli;

import dev.lockstep.core.config.ObjectKey;
import java.io.File;
import java.io.PrintStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code lockstep wait}: returns when a change is live, or gone, on every replica. */
@Command(
    name = "wait",
    mixinStandardHelpOptions = true,
    description = {
      "Returns when an object, as it is now, is live on every replica, or gone from all of them.",
      "Exit codes: 0 open, 2 usage, 3 not in time, 4 rejected, 5 not found, 6 unreachable."
    })
final class WaitCommand implements Callable<Integer> {
  @Mixin private final ApiOptions options = new ApiOptions();

  @Spec private @Nullable CommandSpec spec;

  @Parameters(
      arity = "0..1",
      paramLabel = "KIND/NAME",
      description = "ingress/web, service/web, endpointslice/web-x7, secret/web-tls.")
  private @Nullable String object;

  @Option(
      names = {"-n", "--namespace"},
      paramLabel = "NS",
      defaultValue = "default",
      description = "Namespace of the object (default: default).")
  private String namespace = "default";

  @Option(
      names = "--resource-version",
      paramLabel = "RV",
      description = "Of your own write; without it the API server is asked for the current one.")
  private @Nullable Long resourceVersion;

  @Option(names = "--gone", description = "Wait until no replica serves the object any more.")
  private boolean gone;

  @Option(
      names = "--at-version",
      paramLabel = "V",
      description = "Wait for a config version instead of an object.")
  private @Nullable Long version;

  @Option(
      names = "--timeout",
      paramLabel = "T",
      defaultValue = "30s",
      description = "How long to wait: 500ms, 30s, 2m; at most 5m (default: 30s).")
  private String timeout = "30s";

  @Option(
      names = "--min-replicas",
      paramLabel = "N",
      defaultValue = "0",
      description = "Open only if at least so many replicas have applied (default: any).")
  private int minReplicas;

  @Option(
      names = "--kubeconfig",
      paramLabel = "F",
      description = "How to reach the API server (default: as kubectl does).")
  private @Nullable File kubeconfig;

  @Override
  public Integer call() {
    PrintStream out = System.out;
    ApiOptions.Output shape = options.output();
    String path = version == null ? objectPath() : "/v1/barriers/" + version + "?";
    Duration wait = Durations.parse(timeout).orElseThrow(() -> wrong("--timeout", timeout));
    String query = "timeout=" + encode(timeout) + "&minReplicas=" + minReplicas;
    ApiClient.Answer answer = options.client().get(path + query, wait);
    if (shape == ApiOptions.Output.JSON) {
      out.println(answer.body().toPrettyString());
    } else {
      Views.barrier(answer.body(), out);
    }
    return ExitCode.of(answer.status()).code();
  }

  private String objectPath() {
    if (object == null) {
      throw wrong("KIND/NAME or --at-version", "nothing");
    }
    String text = object;
    ObjectKey key = ObjectName.parse(text, namespace).orElseThrow(() -> wrong("KIND/NAME", text));
    Optional<Long> at = Optional.ofNullable(resourceVersion);
    if (at.isEmpty() && !gone) {
      at = ObjectReader.resourceVersion(key, Optional.ofNullable(kubeconfig));
      if (at.isEmpty()) {
        throw new CommandFailed(ExitCode.NOT_FOUND, key + " does not exist");
      }
    }
    return "/v1/barriers?group="
        + encode(key.group())
        + "&kind="
        + key.kind()
        + "&namespace="
        + encode(key.namespace())
        + "&name="
        + encode(key.name())
        + "&state="
        + (gone ? "absent" : "present")
        + at.map(number -> "&resourceVersion=" + number).orElse("")
        + "&";
  }

  private ParameterException wrong(String field, String value) {
    return new ParameterException(
        java.util.Objects.requireNonNull(spec).commandLine(),
        field + ": " + value + " is not good; see --help");
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
