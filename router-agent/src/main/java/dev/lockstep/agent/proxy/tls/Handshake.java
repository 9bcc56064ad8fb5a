package dev.lockstep.agent.proxy.tls;

import dev.lockstep.agent.proxy.TlsMeters;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import io.netty.internal.tcnative.SSL;
import java.nio.channels.ClosedChannelException;
import javax.net.ssl.SSLEngine;

/** How a handshake went. */
public final class Handshake {
  private Handshake() {}

  /**
   * {@return how the handshake of this engine, which is done, came to its keys}
   *
   * @param engine whose
   * @param begunMillis wall clock of a moment before the handshake
   */
  public static TlsMeters.Kind kind(SSLEngine engine, long begunMillis) {
    boolean resumed;
    if (engine instanceof ReferenceCountedOpenSslEngine openSsl) {
      long pointer = openSsl.sslPointer();
      resumed = pointer != 0 && SSL.isSessionReused(pointer);
    } else {
      // The JDK's engine does not say it, but a session is as old as its first handshake.
      resumed = engine.getSession().getCreationTime() < begunMillis;
    }
    return resumed ? TlsMeters.Kind.RESUMED : TlsMeters.Kind.FULL;
  }

  /** {@return why a handshake failed that ended so} */
  public static TlsMeters.Refusal refusal(Throwable cause) {
    return switch (cause) {
      case SslHandshakeTimeoutException _ -> TlsMeters.Refusal.TIMEOUT;
      case ClosedChannelException _ -> TlsMeters.Refusal.CLIENT_GONE;
      default -> TlsMeters.Refusal.PROTOCOL;
    };
  }
}
