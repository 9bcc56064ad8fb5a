package dev.lockstep.agent.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lockstep.agent.api.ReplicaTwin;
import dev.lockstep.agent.api.RunningApi;
import dev.lockstep.agent.api.Views;
import dev.lockstep.core.config.Version;
import dev.lockstep.core.protocol.Answer;
import dev.lockstep.core.protocol.Observation;
import dev.lockstep.core.protocol.Question;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The commands as a user runs them, against a real API. */
@Timeout(60)
class CliTest {
  private static final Answer OPEN =
      new Answer.Open(
          Views.CURRENT,
          Views.EPOCH,
          List.of(new Answer.Applied("router1", Views.pod(1), Views.CURRENT)),
          List.of(new Answer.Excluded("router3", Views.pod(3), Views.CURRENT, "fenced")));
  private static final String WEB = "ingress/web -n shop --resource-version 42";

  private static RunningApi api;

  /** What a command printed, and its exit code. */
  private record Ran(int code, String out, String err) {}

  @BeforeAll
  static void start() {
    api = RunningApi.of(Views.leader());
  }

  @AfterAll
  static void stop() {
    api.close();
  }

  @BeforeEach
  void forget() {
    api.replica.show(Views.leader());
    api.replica.asked.clear();
    api.replica.answer(OPEN);
  }

  private static Ran run(String line) {
    return run(line, Terminal.Ink.PLAIN, new ByteArrayOutputStream());
  }

  private static Ran run(String line, Terminal.Ink ink, ByteArrayOutputStream out) {
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Terminal terminal =
        new Terminal(
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            ink);
    int code = Cli.run(List.of(line.split(" ")), arguments -> 40 + arguments.size(), "9", terminal);
    return new Ran(
        code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  private static Ran ask(String line) {
    return run(line + " --api " + api.url);
  }

  @Test
  void statusTellsTheMeshAtAGlance() {
    Ran ran = ask("status");
    assertThat(ran.code()).isZero();
    assertThat(ran.out().lines())
        .contains(
            "leader     lockstep-1, epoch 3",
            "version    12, open on every replica: 11",
            "replicas   2 of 3 in sync")
        .anyMatch(line -> line.startsWith("ingress/shop/broken   host: *.*.example.com"));
    assertThat(ran.err()).isEmpty();
  }

  @Test
  void columnsAreAligned() {
    List<String> lines = ask("replicas").out().lines().toList();
    assertThat(lines).hasSize(4);
    int state = lines.getFirst().indexOf("STATE");
    assertThat(lines.get(1)).startsWith("router1   lockstep-1   node-1   leader");
    assertThat(lines.get(2).substring(state)).startsWith("in-sync");
    assertThat(lines.get(3).substring(state)).startsWith("lagging").endsWith("no ack for 4 s");
  }

  @Test
  void coloursAreForPeopleOnly() {
    assertThat(ask("replicas").out()).doesNotContain("\u001b");
    String seen =
        run("replicas --api " + api.url, Terminal.Ink.COLOURED, new ByteArrayOutputStream()).out();
    assertThat(seen).contains("\u001b[32min-sync", "\u001b[33mlagging");
  }

  @Test
  void jsonIsTheAnswerOfTheApi() {
    assertThat(ask("status -o json").out()).contains("\"replicas\" : [", "\"open\" : 11");
    assertThat(ask("log -o json").out()).contains("\"next\" : \"3.6\"");
    assertThat(ask("config").out()).contains("web.example.com").doesNotContain(Views.KEY_BYTES);
  }

  @Test
  void logHasALineForEachAnswerOfAReplica() {
    Ran ran = ask("log");
    assertThat(ran.out().lines().toList())
        .hasSize(4)
        .last()
        .asString()
        .matches("3\\.6 +router3 +12 +nack +2\\.0 ms +disk full");
    assertThat(ran.err()).contains("older lines are gone");
  }

  @Test
  void logCanBeFollowedUntilItIsInterrupted() throws InterruptedException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    List<Ran> ended = new ArrayList<>();
    Thread following =
        Thread.ofPlatform()
            .start(() -> ended.add(run("log --follow --api " + api.url, Terminal.Ink.PLAIN, out)));
    await().until(() -> out.toString(StandardCharsets.UTF_8).contains("3.6"));
    api.replica.show(Views.withAck(Views.leader(), 7, "came later"));
    await().until(() -> out.toString(StandardCharsets.UTF_8).contains("came later"));
    following.interrupt();
    following.join();
    assertThat(out.toString(StandardCharsets.UTF_8)).containsOnlyOnce("3.6").containsOnlyOnce("ID");
  }

  @Test
  void waitAsksForTheObjectAndSaysWhoHasIt() {
    Ran ran = ask("wait " + WEB + " --timeout 2m --min-replicas 2");
    assertThat(ran.code()).isZero();
    assertThat(ran.out().lines())
        .containsExactly(
            "open: version 12 is on 1 replicas",
            "not waited for router3 (lockstep-3) at version 12: fenced");
    ReplicaTwin.Asked asked = api.replica.asked.getFirst();
    assertThat(asked.about())
        .isEqualTo(new Question.AtObject(Views.WEB, Optional.of(42L), Observation.State.PRESENT));
    assertThat(asked.minReplicas()).isEqualTo(2);
    assertThat(asked.timeout()).isBetween(Duration.ofSeconds(100), Duration.ofMinutes(2));
  }

  @Test
  void waitForAbsenceAndForAVersionNeedNoApiServer() {
    assertThat(ask("wait svc/web -n shop --gone").code()).isZero();
    assertThat(ask("wait --version 12").code()).isZero();
    assertThat(api.replica.asked)
        .extracting(ReplicaTwin.Asked::about)
        .containsExactly(
            new Question.AtObject(
                dev.lockstep.core.config.ObjectKey.core("Service", "shop", "web"),
                Optional.empty(),
                Observation.State.ABSENT),
            new Question.AtVersion(new Version(12)));
  }

  @Test
  void kubeconfigThatWasNamedMustWork() throws IOException {
    Ran ran = ask("wait ingress/web -n shop --kubeconfig " + kubeconfig(closedPort()));
    assertThat(ran.code()).isEqualTo(6);
    assertThat(ran.err()).contains("the API server cannot be asked for ingress/shop/web");
    assertThat(api.replica.asked).isEmpty();
  }

  /** One row: what the machine says, and the exit code. */
  record Said(Answer answer, int code, String words) {}

  static Stream<Said> answers() {
    return Stream.of(
        new Said(OPEN, 0, "open: version 12"),
        new Said(
            new Answer.Late(
                Optional.of(Views.CURRENT),
                List.of(new Answer.Pending("router2", Views.pod(2), new Version(11), "silent")),
                ""),
            3,
            "waits for router2 (lockstep-2) at version 11: silent"),
        new Said(new Answer.StillPresent(Views.WEB, 43), 3, "exists at resourceVersion 43"),
        new Said(new Answer.Rejected(Views.WEB, "no such secret"), 4, "no such secret"),
        new Said(new Answer.Unknown(Views.WEB, "not found"), 5, "not found"));
  }

  @ParameterizedTest
  @MethodSource("answers")
  void exitCodeTellsHowTheWaitEnded(Said row) {
    api.replica.answer(row.answer());
    Ran ran = ask("wait " + WEB);
    assertThat(ran.code()).isEqualTo(row.code());
    assertThat(ran.out()).contains(row.words());
    assertThat(ask("wait " + WEB + " -o json").code()).isEqualTo(row.code());
  }

  static Stream<String> mistakes() {
    return Stream.of(
        "",
        "serve",
        "status --verbose",
        "status -o xml",
        "status --api nonsense",
        "wait",
        "wait web",
        "wait gateway/web",
        "wait ingress/a/b",
        "wait " + WEB + " --timeout soon",
        "wait " + WEB + " --timeout 6m",
        "wait " + WEB + " --min-replicas many",
        "wait ingress/web --version 3",
        "wait --version new");
  }

  @ParameterizedTest
  @MethodSource("mistakes")
  void mistakeIsExplainedOnStandardError(String line) {
    Ran ran = line.contains("--api") ? run(line) : ask(line.isEmpty() ? "-x" : line);
    assertThat(ran.code()).as(ran.err()).isEqualTo(2);
    assertThat(ran.err()).isNotBlank();
    assertThat(ran.out()).isEmpty();
  }

  @Test
  void helpIsAnAnswer() {
    assertThat(run("--help").out()).contains("status", "wait", "Exit codes");
    for (String command : List.of("status", "wait", "replicas", "config", "log", "version")) {
      Ran ran = run(command + " --help");
      assertThat(ran.code()).isZero();
      assertThat(ran.out()).startsWith("Usage: lockstep " + command);
    }
  }

  @Test
  void versionAndAgentAreNoBusinessOfTheMesh() {
    assertThat(run("version").out()).isEqualTo("lockstep 9" + System.lineSeparator());
    assertThat(run("agent --help --lease x").code()).isEqualTo(43);
  }

  @Test
  void deadReplicaIsPassedOver() throws IOException {
    Ran ran = run("status --api http://127.0.0.1:" + closedPort() + "," + api.url);
    assertThat(ran.code()).isZero();
  }

  @Test
  void replicaWithoutALeaderIsPassedOver() {
    try (RunningApi orphan = RunningApi.of(Views.orphan(2))) {
      assertThat(run("status --api " + orphan.url + "," + api.url).code()).isZero();
    }
  }

  @Test
  void meshThatIsNotThereIsUnreachable() throws IOException {
    Ran ran = run("wait --version 3 --timeout 300ms --api http://127.0.0.1:" + closedPort());
    assertThat(ran.code()).isEqualTo(6);
    assertThat(ran.err()).contains("cannot be reached");
  }

  @Test
  void meshWithoutALeaderIsAskedAgainUntilThereIsOne() {
    try (RunningApi found = RunningApi.of(Views.orphan(2))) {
      found.replica.answer(OPEN);
      Thread electing =
          Thread.ofPlatform()
              .start(
                  () -> {
                    await()
                        .until(() -> found.get("/metrics").body().contains("status=\"503\"} 1.0"));
                    found.replica.show(Views.leader());
                  });
      Ran ran = run("wait --version 12 --timeout 30s --api " + found.url);
      assertThat(ran.code()).as(ran.err()).isZero();
      assertThat(electing.isAlive()).isFalse();
    }
  }

  @Test
  void nothingIsSaidToBeOpenWhenNobodyCanTell() {
    api.replica.answer(new Answer.Undecidable("nobody is in sync"));
    Ran ran = ask("wait --version 12 --timeout 200ms");
    assertThat(ran.code()).isEqualTo(6);
    assertThat(ran.err()).contains("nobody is in sync");
    assertThat(ran.out()).isEmpty();
  }

  private static int closedPort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static java.nio.file.Path kubeconfig(int port) throws IOException {
    java.nio.file.Path file = java.nio.file.Files.createTempFile("kubeconfig", ".yaml");
    file.toFile().deleteOnExit();
    return java.nio.file.Files.writeString(
        file,
        """
        apiVersion: v1
        kind: Config
        clusters: [{name: c, cluster: {server: "http://127.0.0.1:%d"}}]
        contexts: [{name: c, context: {cluster: c, user: u}}]
        users: [{name: u, user: {}}]
        current-context: c
        """
            .formatted(port));
  }
}
