package dev.lockstep.agent.proxy.suite;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lockstep.agent.proxy.Configs;
import dev.lockstep.agent.proxy.RunningProxy;
import dev.lockstep.core.config.Backend;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.ServerWebSocket;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The Autobahn suite's fuzzing client against an echo server, once directly and once through the
 * data plane, which must make no difference: each case gets the same verdict, whatever it is.
 * {@code -Dlockstep.autobahn.cases=*} runs all cases.
 */
@Tag("conformance")
class AutobahnTest {
  /** Framing, pings, reserved bits, opcodes, fragments, UTF-8, closing, and a large message. */
  private static final String SHORT =
      "1.1.*,1.2.*,2.*,3.*,4.*,5.*,6.1.*,7.1.*,7.3.*,7.5.*,9.1.1,9.2.1";

  private static final Path JARS = Path.of("target", "suites", "autobahn");
  private static final Duration LIMIT = Duration.ofMinutes(30);
  private static final int LARGE = 32 << 20;
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Verdicts between which a case may change with the time that passes, and nothing is wrong. */
  private static final Set<String> FINE = Set.of("OK", "NON-STRICT", "INFORMATIONAL");

  @TempDir Path folder;
  private final Vertx vertx = Vertx.vertx();
  private final RunningProxy proxy = new RunningProxy();

  @AfterEach
  void stop() throws Exception {
    proxy.close();
    vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  @Test
  void verdictsAreThoseOfTheServerWithoutTheProxy() throws Exception {
    List<String> jars = jars();
    int port = startEcho();
    Backend.Endpoint endpoint =
        new Backend.Endpoint("backend.localhost", port, Backend.Endpoint.State.READY);
    proxy.serve(Configs.to("127.0.0.1", endpoint));
    Path spec = folder.resolve("spec.json");
    Files.writeString(spec, spec(port).toString());
    String script =
        "import sys; sys.argv = ['wstest', '-m', 'fuzzingclient', '-s', '%s']; "
            + "from autobahntestsuite import wstest; wstest.run()";
    try (Program client =
        Program.java(
            String.join(File.pathSeparator, jars),
            List.of(
                "-Dpython.cachedir.skip=true",
                "org.python.util.jython",
                "-c",
                script.formatted(spec)))) {
      List<String> lines = client.lines(LIMIT);
      Path index = folder.resolve("reports").resolve("index.json");
      assertThat(index).as(String.join("\n", lines)).exists();
      judge(JSON.readTree(index.toFile()));
    }
  }

  private static List<String> jars() throws IOException {
    Program.require(Files.isDirectory(JARS), JARS + ": not there (mvn -Pconformance makes it)");
    try (Stream<Path> jars = Files.list(JARS)) {
      return jars.map(Path::toString).toList();
    }
  }

  private int startEcho() throws Exception {
    HttpServerOptions options =
        new HttpServerOptions()
            .setHost("127.0.0.1")
            .setPort(0)
            .setMaxWebSocketFrameSize(LARGE)
            .setMaxWebSocketMessageSize(LARGE);
    HttpServer server = vertx.createHttpServer(options).webSocketHandler(AutobahnTest::echo);
    return server
        .listen()
        .toCompletionStage()
        .toCompletableFuture()
        .get(10, TimeUnit.SECONDS)
        .actualPort();
  }

  private static void echo(ServerWebSocket socket) {
    socket.textMessageHandler(socket::writeTextMessage);
    socket.binaryMessageHandler(socket::writeBinaryMessage);
  }

  private ObjectNode spec(int port) {
    ObjectNode spec = JSON.createObjectNode();
    spec.put("outdir", folder.resolve("reports").toString());
    ArrayNode servers = spec.putArray("servers");
    servers.addObject().put("agent", "direct").put("url", "ws://127.0.0.1:" + port);
    servers
        .addObject()
        .put("agent", "proxied")
        .put("url", "ws://127.0.0.1:" + proxy.http().getPort());
    ArrayNode cases = spec.putArray("cases");
    Stream.of(System.getProperty("lockstep.autobahn.cases", SHORT).split(",")).forEach(cases::add);
    spec.putArray("exclude-cases");
    spec.putObject("exclude-agent-cases");
    return spec;
  }

  private static void judge(JsonNode index) {
    JsonNode direct = index.path("direct");
    JsonNode proxied = index.path("proxied");
    List<String> other = new ArrayList<>();
    List<String> wrong = new ArrayList<>();
    int passed = 0;
    for (var one : direct.properties()) {
      String without = verdict(one.getValue());
      String with = verdict(proxied.path(one.getKey()));
      passed += FINE.contains(proxied.path(one.getKey()).path("behavior").asText()) ? 1 : 0;
      if (!without.equals(with)) {
        other.add(one.getKey() + ": " + without + " directly, " + with + " through the proxy");
        boolean fine = Stream.of(with.split(" / ")).allMatch(FINE::contains);
        wrong.addAll(fine ? List.of() : List.of(other.getLast()));
      }
    }
    System.out.printf(
        "autobahn: %d cases, %d with the verdict of the server itself, %d pass%n",
        direct.size(), direct.size() - other.size(), passed);
    other.forEach(System.out::println);
    assertThat(direct.size()).isPositive().isEqualTo(proxied.size());
    assertThat(wrong).isEmpty();
  }

  /** {@return how the case went, and how the connection ended} */
  private static String verdict(JsonNode result) {
    return result.path("behavior").asText() + " / " + result.path("behaviorClose").asText();
  }
}
