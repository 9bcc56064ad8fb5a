package dev.lockstep.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lockstep.local.TrafficClient;
import dev.lockstep.local.cluster.Manifest;
import dev.lockstep.local.kubelet.Kubelet;
import dev.lockstep.local.kubelet.LocalReplica;
import dev.lockstep.local.kubelet.SharedPorts;
import dev.lockstep.local.process.Commands;
import dev.lockstep.local.process.Ports;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * The follower in Python of {@code docs/examples}, as one more pod of a mesh: it stands where an
 * agent would stand, with a token, a readiness gate and files of its own.
 */
final class ForeignFollower implements AutoCloseable {
  /** The program. */
  static final Path PROGRAM = RealApi.root().resolve("docs/examples/follower.py");

  /** What it was told to refuse. */
  static final String REFUSED_HOST = "refused.localhost";

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Kubelet kubelet;
  private final Ports ports;
  private final Path folder;
  private final String pod;

  private ForeignFollower(Kubelet kubelet, Ports ports, Path folder) {
    this.kubelet = kubelet;
    this.ports = ports;
    this.folder = folder;
    this.pod = kubelet.replicas().getFirst().pod();
  }

  /** {@return one that was started, and may not be ready yet} */
  static ForeignFollower start(RealApi api) {
    Path folder = RealApi.newFolder("foreign-");
    Ports ports = Ports.open(RandomGenerator.getDefault());
    Manifest manifest = Manifest.read(RealApi.root().resolve("deploy/lockstep.yaml"), api.client());
    Kubelet.Settings settings =
        new Kubelet.Settings(
            manifest.deployment(),
            api.forReplicas(),
            new Kubelet.Host(launcher(folder), folder, api.children(), ports),
            SharedPorts.none(),
            List.of("--refuse-host=" + REFUSED_HOST));
    Kubelet kubelet = Kubelet.start(settings, api.server().administrator("lockstep-foreign"), 1);
    return new ForeignFollower(kubelet, ports, folder);
  }

  /** Skips the tests of a class, with one line that says why, where its Python is not complete. */
  static final class NeedsPython implements ExecutionCondition {
    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
      if (hasPython()) {
        return ConditionEvaluationResult.enabled("Python is there");
      }
      String reason =
          python() + ": not Python 3.9 with websockets 11, or newer (pip install websockets)";
      if (context.getTestMethod().isEmpty()) {
        System.out.println("SKIPPED: " + reason);
      }
      return ConditionEvaluationResult.disabled(reason);
    }
  }

  /** {@return whether there is a Python that is new enough and has the module that is needed} */
  static boolean hasPython() {
    try {
      String question = "import sys, websockets.sync; sys.exit(sys.version_info < (3, 9))";
      return Commands.run(python(), "-c", question).succeeded();
    } catch (UncheckedIOException e) {
      return false; // There is no such program.
    }
  }

  /** {@return the program: that of a virtual environment, if one is named} */
  static String python() {
    return System.getenv().getOrDefault("LOCKSTEP_TEST_PYTHON", "python3");
  }

  /** Makes variables of the options, and of the kubeconfig what a pod has of its account. */
  private static Path launcher(Path folder) {
    Path file = folder.resolve("lockstep");
    String script =
        """
        #!/bin/sh
        set -eu
        shift # The command of the launcher that this one stands in for.
        for option; do
          name=$(printf %s "${option%%=*}" | tr a-z- A-Z_)
          export "LOCKSTEP_${name#__}=${option#*=}"
        done
        word() { sed -n "s/^[ -]*$1: *//p" "$LOCKSTEP_KUBECONFIG" | tr -d '"'; }
        server=$(word server)
        server=${server#https://}
        export KUBERNETES_SERVICE_HOST="${server%:*}" KUBERNETES_SERVICE_PORT="${server##*:}"
        export LOCKSTEP_ACCOUNT="$LOCKSTEP_STATE_DIR/account"
        umask 077
        mkdir -p "$LOCKSTEP_ACCOUNT"
        word token > "$LOCKSTEP_ACCOUNT/token"
        word certificate-authority-data | base64 -d > "$LOCKSTEP_ACCOUNT/ca.crt"
        """;
    String command = "exec '%s' -B '%s'\n".formatted(python(), PROGRAM);
    try {
      Files.writeString(file, script + command);
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  String pod() {
    return pod;
  }

  /** {@return its pod and its boot, as it is written on a Lease that it holds} */
  String replicaId() {
    String log = log();
    int start = log.lastIndexOf(" is " + pod + "/") + " is ".length();
    return log.substring(start, log.indexOf('\n', start));
  }

  LocalReplica replica() {
    return kubelet.replicas().getFirst();
  }

  boolean ready() {
    return replica().ready();
  }

  void pause() {
    kubelet.pause(pod);
  }

  void resume() {
    kubelet.resume(pod);
  }

  void kill() {
    kubelet.kill(pod);
  }

  /** Asks the process to end, as the deletion of a pod does; it is started again. */
  void terminate() {
    kubelet.restart(pod);
  }

  /** Takes away what it holds, so that its next run begins with nothing. */
  void loseDisk() {
    try {
      Files.deleteIfExists(folder.resolve("pods").resolve(pod).resolve("state/follower.json"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** {@return all that its processes wrote} */
  String log() {
    try {
      return Files.readString(folder.resolve("logs").resolve(pod + ".log"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** {@return whether it takes requests, and routes those of this host} */
  boolean routes(TrafficClient traffic, String host) {
    TrafficClient.Answer answer = traffic.get(replica().http(), host, "/");
    return answer.status() == 200 && json(answer).path("routed").asBoolean();
  }

  /** {@return the version that it serves} */
  long version(TrafficClient traffic) {
    return json(traffic.get(replica().http(), "any.localhost", "/")).path("version").asLong();
  }

  private static JsonNode json(TrafficClient.Answer answer) {
    try {
      return JSON.readTree(answer.body());
    } catch (IOException e) {
      throw new UncheckedIOException(answer.body(), e);
    }
  }

  @Override
  public void close() {
    kubelet.close();
    ports.close();
  }
}
