package dev.lockstep.agent.proxy;

import io.netty.handler.codec.DecoderException;
import java.io.IOException;
import java.nio.channels.NotYetConnectedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What went wrong on a connection, and whose doing it was. */
public final class Defects {
  private static final Logger LOG = LoggerFactory.getLogger(Defects.class);

  private Defects() {}

  /** Logs what is neither the network's nor the other side's doing: a defect of ours. */
  public static void log(Throwable cause) {
    // "Not yet connected" is what Netty makes of a socket that is not connected any more
    // (ENOTCONN).
    boolean expected =
        cause instanceof IOException
            || cause instanceof DecoderException
            || cause instanceof NotYetConnectedException;
    if (!expected) {
      LOG.error("connection closed by a defect", cause);
    }
  }
}
