package dev.lockstep.agent.proxy;

import java.util.Locale;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;

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
    RESUMED;

    /** {@return its name in labels} */
    public String text() {
      return label(this);
    }
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
    PROTOCOL;

    /** {@return its name in labels} */
    public String text() {
      return label(this);
    }
  }

  private final LongAdder[] done = counters(Protocol.values().length * Kind.values().length);
  private final LongAdder[] failed = counters(Refusal.values().length);

  TlsMeters() {}

  private static LongAdder[] counters(int count) {
    return Stream.generate(LongAdder::new).limit(count).toArray(LongAdder[]::new);
  }

  private static String label(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private LongAdder of(Protocol protocol, Kind kind) {
    return done[protocol.ordinal() * Kind.values().length + kind.ordinal()];
  }

  /** A handshake is done. */
  public void done(String protocol, Kind kind) {
    for (Protocol known : Protocol.values()) {
      if (known.text.equals(protocol)) {
        of(known, kind).increment();
      }
    }
  }

  /** A handshake failed. */
  public void failed(Refusal why) {
    failed[why.ordinal()].increment();
  }

  /** {@return handshakes that were done in this way} */
  public long count(Protocol protocol, Kind kind) {
    return of(protocol, kind).sum();
  }

  /** {@return handshakes that failed for this reason} */
  public long count(Refusal why) {
    return failed[why.ordinal()].sum();
  }
}
