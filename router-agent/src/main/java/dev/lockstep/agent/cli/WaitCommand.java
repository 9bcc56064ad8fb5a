package dev.lockstep.agent.cli;

import dev.lockstep.agent.wire.DurationText;
import dev.lockstep.core.config.ObjectKey;
import java.io.File;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
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
    description = {
      "Returns when an object, as it is now, is live on every replica, or gone from all of them.",
      "Exit codes: 0 open, 2 usage, 3 not in time, 4 rejected, 5 not found, 6 unreachable."
    })
final class WaitCommand implements Callable<Integer> {
  private static final Duration LONGEST = Duration.ofMinutes(5);

  @Mixin private final ApiOptions options;

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
      names = {"--version", "--at-version"},
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

  WaitCommand(Terminal terminal) {
    options = new ApiOptions(terminal);
  }

  @Override
  public Integer call() {
    options.output();
    Duration wait =
        DurationText.parse(timeout)
            .filter(time -> time.compareTo(LONGEST) <= 0)
            .orElseThrow(() -> wrong("--timeout", timeout, "500ms, 30s, 2m, at most 5m"));
    String path = version == null ? objectPath() : versionPath(version);
    ApiClient.Answer answer =
        options
            .client()
            .await(
                left -> path + "timeout=" + left.toMillis() + "ms&minReplicas=" + minReplicas,
                wait);
    options.print(answer.body(), Views::barrier);
    return ExitCode.of(answer.status()).code();
  }

  private String versionPath(long number) {
    if (object != null || gone || resourceVersion != null) {
      throw wrong("--version", Long.toString(number), "no object and no option of objects with it");
    }
    return "/v1/barriers/" + number + "?";
  }

  private String objectPath() {
    if (object == null) {
      throw wrong("KIND/NAME", "nothing", "an object, or --version");
    }
    String text = object;
    ObjectKey key =
        ObjectName.parse(text, namespace)
            .orElseThrow(() -> wrong("KIND/NAME", text, ObjectName.EXPECTED));
    Optional<Long> at = Optional.ofNullable(resourceVersion);
    if (at.isEmpty() && !gone) {
      at = currentVersion(key);
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

  /**
   * Without a way to the API server the leader is left to read the object, which it does after the
   * question came in: the same promise. A kubeconfig that was named is meant to work, though.
   */
  private Optional<Long> currentVersion(ObjectKey key) {
    Optional<File> named = Optional.ofNullable(kubeconfig);
    try {
      Optional<Long> found = ObjectReader.resourceVersion(key, named);
      if (found.isEmpty()) {
        throw new CommandFailed(ExitCode.NOT_FOUND, key + " does not exist");
      }
      return found;
    } catch (CommandFailed failure) {
      if (failure.code() != ExitCode.UNREACHABLE || named.isPresent()) {
        throw failure;
      }
      options
          .terminal()
          .err()
          .println("lockstep: " + failure.getMessage() + "; the leader reads it instead");
      return Optional.empty();
    }
  }

  private ParameterException wrong(String field, String value, String expected) {
    return new ParameterException(
        Objects.requireNonNull(spec).commandLine(),
        field + ": " + value + " (expected: " + expected + ")");
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
