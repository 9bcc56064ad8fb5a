package dev.lockstep.agent.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.netty.handler.codec.TooLongFrameException;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NotYetConnectedException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** What the other side can cause must not fill the log. */
class DefectsTest {

  @Test
  void onlyOurOwnFaultsAreLogged() {
    Logger logger = (Logger) LoggerFactory.getLogger(Defects.class);
    ListAppender<ILoggingEvent> seen = new ListAppender<>();
    seen.start();
    logger.addAppender(seen);
    logger.setAdditive(false);
    try {
      List.of(
              new IOException("reset"),
              new ClosedChannelException(),
              new TooLongFrameException("hello"),
              // A client that is gone before its first bytes are read (ENOTCONN).
              new NotYetConnectedException())
          .forEach(Defects::log);
      assertThat(seen.list).isEmpty();
      Defects.log(new IllegalStateException("ours"));
      assertThat(seen.list).hasSize(1);
    } finally {
      logger.setAdditive(true);
      logger.detachAppender(seen);
    }
  }
}
