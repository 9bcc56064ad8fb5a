package dev.lockstep.agent.proxy.suite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lockstep.agent.proxy.Configs;
import dev.lockstep.agent.proxy.RawClient;
import dev.lockstep.agent.proxy.RunningProxy;
import dev.lockstep.agent.proxy.TestBackend;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * slowhttptest of Debian against the plain port: slow heads, slow bodies, slow readers. Its own
 * probe must find the service available all the time, and so must a client of ours.
 */
@Tag("conformance")
class SlowhttptestTest {
  private static final int CONNECTIONS = Integer.getInteger("lockstep.slow.connections", 400);
  private static final int SECONDS = Integer.getInteger("lockstep.slow.seconds", 5);
  private static final Duration LIMIT = Duration.ofSeconds(60L + SECONDS);
  private static final Pattern COLOUR = Pattern.compile("\u001b\\[[0-9;]*m");
  private static final byte[] BIG =
      ("HTTP/1.1 200 OK\r\nContent-Length: 1048576\r\n\r\n" + "x".repeat(1 << 20))
          .getBytes(StandardCharsets.US_ASCII);

  private final TestBackend backend = new TestBackend(SlowhttptestTest::answer);
  private final RunningProxy proxy = new RunningProxy();
  private final Queue<Integer> answers = new ConcurrentLinkedQueue<>();
  private volatile boolean over;

  private static void answer(TestBackend.Connection connection) throws IOException {
    for (String it = connection.readRequest(); !it.isEmpty(); it = connection.readRequest()) {
      if (it.contains(" /big ")) {
        connection.socket().getOutputStream().write(BIG);
      } else {
        connection.answer("here");
      }
    }
  }

  @BeforeEach
  void serve() {
    proxy.serve(Configs.to("127.0.0.1", backend.endpoint()));
  }

  @AfterEach
  void stop() {
    proxy.close();
    backend.close();
  }

  @Test
  void slowHeads() throws InterruptedException {
    assertAvailable("/", "-H", "-i", "1", "-x", "8");
  }

  @Test
  void slowBodies() throws InterruptedException {
    assertAvailable("/", "-B", "-i", "1", "-x", "8", "-s", "8192");
  }

  @Test
  void slowReaders() throws InterruptedException {
    assertAvailable("/big", "-X", "-n", "1", "-z", "32", "-w", "512", "-y", "1024", "-k", "3");
  }

  private void assertAvailable(String path, String... kind) throws InterruptedException {
    String program = Program.find("slowhttptest", "apt-get install slowhttptest");
    List<String> words = new ArrayList<>(List.of(program));
    words.addAll(List.of(kind));
    words.addAll(List.of("-c", "" + CONNECTIONS, "-r", "" + CONNECTIONS, "-l", "" + SECONDS));
    words.addAll(List.of("-p", "5", "-u", "http://127.0.0.1:" + proxy.http().getPort() + path));
    try (Program run = Program.start(words)) {
      List<String> lines = linesWhileOthersAreServed(run);
      List<String> told =
          lines.stream()
              .map(line -> COLOUR.matcher(line).replaceAll("").strip())
              .filter(line -> line.startsWith("service available:"))
              .toList();
      System.out.printf(
          "slowhttptest %s: %d connections, available at %d of %d looks, %d requests of others%n",
          kind[0],
          CONNECTIONS,
          told.stream().filter(it -> it.endsWith("YES")).count(),
          told.size(),
          answers.size());
      assertThat(told).as(String.join("\n", lines)).isNotEmpty();
      assertThat(told).allMatch(it -> it.endsWith("YES"));
      assertThat(answers).isNotEmpty().containsOnly(200);
    }
    await().until(() -> proxy.server().meters().read().activeConnections() == 0);
  }

  private List<String> linesWhileOthersAreServed(Program run) throws InterruptedException {
    Thread other = Thread.ofVirtual().start(this::beServed);
    try {
      return run.lines(LIMIT);
    } finally {
      over = true;
      other.join();
    }
  }

  /** Another client, that comes anew for each request. */
  private void beServed() {
    while (!over) {
      try (RawClient client = proxy.client()) {
        answers.add(client.get("127.0.0.1", "/").status());
      }
    }
  }
}
