package dev.lockstep.agent.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.AsyncAppender;
import ch.qos.logback.classic.Logger;
import dev.lockstep.agent.settings.AgentSettings.Logs;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

/** What ends up on standard error, in the shape and from the level that the settings ask for. */
class LogSetupTest {
  private final PrintStream before = System.err;

  @AfterEach
  void restore() {
    System.setErr(before);
    LogSetup.apply(new Logs(Logs.Format.TEXT, Logs.Level.WARN));
  }

  @Test
  void jsonLineHoldsMessageAndValuesApart() {
    assertThat(logged(new Logs(Logs.Format.JSON, Logs.Level.INFO)))
        .singleElement()
        .asString()
        .startsWith("{")
        .contains("\"level\":\"INFO\"", "\"formattedMessage\":\"version applied\"")
        .contains("\"kvpList\"", "\"version\"", "7")
        .doesNotContain("hidden");
  }

  @Test
  void textLineHoldsBoth() {
    assertThat(logged(new Logs(Logs.Format.TEXT, Logs.Level.INFO)))
        .singleElement()
        .asString()
        .contains("INFO  Somebody version applied version=\"7\"");
  }

  @Test
  void levelLeavesOutWhatIsBelow() {
    assertThat(logged(new Logs(Logs.Format.TEXT, Logs.Level.WARN))).isEmpty();
  }

  /** Within a replica, who logs must not wait for who reads the log. */
  @Test
  @Timeout(20)
  void readerThatStandsStillHoldsNobodyUp() {
    CountDownLatch read = new CountDownLatch(1);
    OutputStream stuck =
        new OutputStream() {
          @Override
          public void write(int one) throws IOException {
            try {
              read.await();
            } catch (InterruptedException e) {
              throw new IOException(e);
            }
          }
        };
    System.setErr(new PrintStream(stuck, true, StandardCharsets.UTF_8));
    LogSetup.apply(new Logs(Logs.Format.TEXT, Logs.Level.INFO));
    var logger = LoggerFactory.getLogger("somewhere.Somebody");
    for (int i = 0; i < 100_000; i++) {
      logger.info("line");
    }
    read.countDown();
    // Or the rest of it would be written where the next test reads.
    await().until(() -> queue().getNumberOfElementsInQueue() == 0);
    LogSetup.flush();
  }

  private static AsyncAppender queue() {
    Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    return (AsyncAppender) root.getAppender("queued");
  }

  @Test
  void nettyStaysQuietWhateverTheLevel() {
    LogSetup.apply(new Logs(Logs.Format.TEXT, Logs.Level.TRACE));
    assertThat(LoggerFactory.getLogger("io.netty.buffer").isInfoEnabled()).isFalse();
  }

  private static String[] logged(Logs logs) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    System.setErr(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    LogSetup.apply(logs);
    var logger = LoggerFactory.getLogger("somewhere.Somebody");
    logger.atDebug().log("hidden");
    logger.atInfo().addKeyValue("version", 7).log("version applied");
    LogSetup.flush();
    String text = bytes.toString(StandardCharsets.UTF_8);
    return text.isEmpty() ? new String[0] : text.split("\n");
  }
}
