package dev.lockstep.agent.proxy;

import java.util.EnumMap;
import java.util.Map;

/** Counts TLS handshakes with clients. Thread-safe: counters that each thread adds to by itself. */
public final class TlsMeters {

  /** The versions that we speak. */
  public enum Protocol {
    TLS12("TLSv1.2"),
    TLS13("TLSv1.3");

    private final String text;

    Protocol(String text) {
      this.text = text;
    }

    /** {@return its name in labels, which is the one that TLS libraries have for it} */
    public String text() {
      return text;
    }
  }

  /** How a handshake came to its keys. */
  public enum Kind {
    /** With a signature of the certificate's key. */
    FULL,
    /** From a session before (RFC 8446 2.2, RFC 5077). */
    RESUMED
  }

  /** Why a handshake failed. */
  public enum Refusal {
    /** Nobody serves the name that the client asked for; or it named none, and has to. */
    UNKNOWN_NAME,
    /** This replica could not say who serves it. */
    NOT_READY,
    /** The client did not go on in time. */
    TIMEOUT,
    /** The client left in the middle. */
    CLIENT_GONE,
    /** No version or cipher in common, an alert of the client, bytes that are not TLS. */
    PROTOCOL
  }

  private final Map<Protocol, EnumCounts<Kind>> done = new EnumMap<>(Protocol.class);
  private final EnumCounts<Refusal> failed = new EnumCounts<>(Refusal.class);

  TlsMeters() {
    for (Protocol protocol : Protocol.values()) {
      done.put(protocol, new EnumCounts<>(Kind.class));
    }
  }

  /** A handshake is done. */
  public void done(String protocol, Kind kind) {
    done.forEach(
        (known, counts) -> {
          if (known.text.equals(protocol)) {
            counts.count(kind);
          }
        });
  }

  /** A handshake failed. */
  public void failed(Refusal why) {
    failed.count(why);
  }

  /** {@return handshakes that were done in this way} */
  public long count(Protocol protocol, Kind kind) {
    EnumCounts<Kind> counts = done.get(protocol);
    return counts == null ? 0 : counts.of(kind);
  }

  /** {@return handshakes that failed for this reason} */
  public long count(Refusal why) {
    return failed.of(why);
  }
}
