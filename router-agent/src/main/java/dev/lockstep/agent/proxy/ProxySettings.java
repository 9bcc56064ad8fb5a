package dev.lockstep.agent.proxy;

import dev.lockstep.agent.proxy.http.HeadLimits;
import dev.lockstep.core.config.Cidr;
import java.time.Duration;
import java.util.List;

/**
 * How the data plane behaves, apart from its config. Connect and response time-outs are not here:
 * they belong to a route's policy.
 *
 * @param http where to listen for plain HTTP; may be empty
 * @param https where to listen for TLS; may be empty
 * @param eventLoops threads that serve, default one per processor
 * @param limits bounds
 * @param timeouts time-outs
 * @param http2 where clients may speak HTTP/2, default over TLS
 * @param versionHeader whether responses tell the version that served them, default hidden
 * @param seeing what is told of requests, and what they may ask
 * @param backends how requests are spread, and what happens when backends fail
 * @param proxyProtocol which proxies in front of us say whom they bring, default none
 */
public record ProxySettings(
    List<Listen> http,
    List<Listen> https,
    int eventLoops,
    Limits limits,
    Timeouts timeouts,
    Http2 http2,
    VersionHeader versionHeader,
    Seeing seeing,
    BackendSettings backends,
    ProxyProtocol proxyProtocol) {

  /**
   * An address to listen on.
   *
   * @param host an IP address, example {@code 0.0.0.0} or {@code ::}
   * @param port 0 for any that is free
   * @param sharing whether other processes may listen there too
   */
  public record Listen(String host, int port, Sharing sharing) {

    /** Whether an address is shared ({@code SO_REUSEPORT}). */
    public enum Sharing {
      /** Another listener is an error. */
      ALONE,
      /** The kernel spreads new connections over all listeners. */
      SHARED
    }

    public Listen {
      if (port < 0 || port > 65535) {
        throw new IllegalArgumentException("port: " + port + " (expected: 0 to 65535)");
      }
    }
  }

  /** Where clients may speak HTTP/2. */
  public enum Http2 {
    /** Nowhere. */
    OFF,
    /** Over TLS, if they offer it in the handshake (RFC 7301). */
    TLS,
    /** There, and on plain ports, if they begin with its preface (RFC 9113 3.3). */
    CLEARTEXT
  }

  /** Whether responses carry {@code Lockstep-Version}. */
  public enum VersionHeader {
    /** They do not. */
    HIDDEN,
    /** They do: tests see which config served a request. */
    SHOWN
  }

  /**
   * Proxies that begin their connections with the PROXY protocol. Who else begins so is refused.
   *
   * @param from where they are; empty for nowhere
   * @param header whether they must
   */
  public record ProxyProtocol(List<Cidr> from, Header header) {

    /** Whether a header must come. */
    public enum Header {
      /** A connection without one is closed. */
      REQUIRED,
      /** A connection without one is the proxy's own. */
      OPTIONAL
    }

    /** There are none. */
    public static final ProxyProtocol NONE = new ProxyProtocol(List.of(), Header.REQUIRED);

    public ProxyProtocol {
      from = List.copyOf(from);
    }
  }

  /**
   * Bounds of memory and numbers.
   *
   * @param head of a request, default {@link HeadLimits#STANDARD}
   * @param connections of clients at a time, default 20,000; more are closed at once
   * @param requests on their way to backends at a time, default 10,000; more are turned away at
   *     once
   * @param idleBackendConnections kept per endpoint and event loop, default 64
   * @param attempts endpoints tried per request until a connection stands, default 3
   */
  public record Limits(
      HeadLimits head, int connections, int requests, int idleBackendConnections, int attempts) {

    /** The defaults. */
    public static final Limits STANDARD = new Limits(HeadLimits.STANDARD, 20_000, 10_000, 64, 3);

    public Limits {
      if (connections < 1 || requests < 1 || idleBackendConnections < 0 || attempts < 1) {
        throw new IllegalArgumentException(
            "limits: connections, requests, attempts (expected: positive), idle (expected: >= 0)");
      }
    }
  }

  /**
   * Time-outs; all positive.
   *
   * @param head from the first byte of a request until its head is whole, default 10 s; a new
   *     connection has as long until its first byte
   * @param idle between two requests of a connection, default 60 s
   * @param stall of a client that we wait for: until it sends the next piece of its body, or takes
   *     the next of its answer, default 60 s; a route's own time-out may be shorter
   * @param handshake of TLS, default 10 s
   * @param linger for a client to read a last answer after it was sent, default 1 s
   * @param backendIdle until an unused backend connection is closed, default 4 s: shorter than what
   *     common servers keep (Node.js: 5 s), because losing that race costs a request
   * @param fence how long an event loop may stand still before it must be told to go on, default 10
   *     s
   */
  public record Timeouts(
      Duration head,
      Duration idle,
      Duration stall,
      Duration handshake,
      Duration linger,
      Duration backendIdle,
      Duration fence) {

    /** The defaults. */
    public static final Timeouts STANDARD =
        new Timeouts(
            Duration.ofSeconds(10),
            Duration.ofSeconds(60),
            Duration.ofSeconds(60),
            Duration.ofSeconds(10),
            Duration.ofSeconds(1),
            Duration.ofSeconds(4),
            Duration.ofSeconds(10));

    public Timeouts {
      for (Duration each : List.of(head, idle, stall, handshake, linger, backendIdle, fence)) {
        if (!each.isPositive()) {
          throw new IllegalArgumentException("timeout: " + each + " (expected: positive)");
        }
      }
    }
  }

  public ProxySettings {
    http = List.copyOf(http);
    https = List.copyOf(https);
    if (eventLoops < 1) {
      throw new IllegalArgumentException("eventLoops: " + eventLoops + " (expected: positive)");
    }
  }

  /** {@return the defaults, with these addresses} */
  public static ProxySettings standard(List<Listen> http, List<Listen> https) {
    return new ProxySettings(
        http,
        https,
        Runtime.getRuntime().availableProcessors(),
        Limits.STANDARD,
        Timeouts.STANDARD,
        Http2.TLS,
        VersionHeader.HIDDEN,
        Seeing.STANDARD,
        BackendSettings.STANDARD,
        ProxyProtocol.NONE);
  }
}
