package dev.lockstep.agent.proxy;

import java.util.concurrent.atomic.LongAdder;

/** Counts what the data plane does. Thread-safe: counters that each thread adds to by itself. */
public final class ProxyMeters {
  private final LongAdder[] responses = new LongAdder[5];
  private final LongAdder activeConnections = new LongAdder();
  private final LongAdder connectsDone = new LongAdder();
  private final LongAdder connectsFailed = new LongAdder();
  private final LongAdder certificatesRefused = new LongAdder();
  private final LongAdder handshakesFailed = new LongAdder();
  private final LongAdder retries = new LongAdder();
  private final LongAdder bytesFromClients = new LongAdder();
  private final LongAdder bytesFromBackends = new LongAdder();
  private final LongAdder connectionsRefused = new LongAdder();
  private final TlsMeters tls = new TlsMeters();
  private final BackendMeters backends = new BackendMeters();
  private final LongAdder proxyHeadersRefused = new LongAdder();

  /** Counts from zero. */
  public ProxyMeters() {
    for (int i = 0; i < responses.length; i++) {
      responses[i] = new LongAdder();
    }
  }

  /**
   * Answers sent, by the first digit of their status.
   *
   * @param informational 1xx, in practice 101
   * @param successful 2xx
   * @param redirected 3xx
   * @param clientErrors 4xx
   * @param serverErrors 5xx
   */
  public record Responses(
      long informational, long successful, long redirected, long clientErrors, long serverErrors) {}

  /**
   * TLS handshakes with backends that failed; each is a connect failure too.
   *
   * @param certificate it was not to be believed: another authority, name or time
   * @param other no protocol in common, an alert, the time was up
   */
  public record FailedHandshakes(long certificate, long other) {}

  /**
   * Everything, at about one moment; all but the active connections only grow.
   *
   * @param responses to clients
   * @param activeConnections of clients, now
   * @param connectionsRefused because there were too many
   * @param proxyHeadersRefused connections of trusted proxies without a correct header
   * @param backendConnects that succeeded
   * @param backendConnectFailures that did not
   * @param backendHandshakes those of TLS that failed
   * @param retries attempts after the first of a request
   * @param bytesFromClients received, after TLS
   * @param bytesFromBackends received
   */
  public record Reading(
      Responses responses,
      long activeConnections,
      long connectionsRefused,
      long proxyHeadersRefused,
      long backendConnects,
      long backendConnectFailures,
      FailedHandshakes backendHandshakes,
      long retries,
      long bytesFromClients,
      long bytesFromBackends) {}

  /** {@return the counters as they stand} */
  public Reading read() {
    return new Reading(
        new Responses(
            responses[0].sum(),
            responses[1].sum(),
            responses[2].sum(),
            responses[3].sum(),
            responses[4].sum()),
        activeConnections.sum(),
        connectionsRefused.sum(),
        proxyHeadersRefused.sum(),
        connectsDone.sum(),
        connectsFailed.sum(),
        new FailedHandshakes(certificatesRefused.sum(), handshakesFailed.sum()),
        retries.sum(),
        bytesFromClients.sum(),
        bytesFromBackends.sum());
  }

  /** {@return what becomes of TLS handshakes} */
  public TlsMeters tls() {
    return tls;
  }

  /** {@return what befell the endpoints of backends} */
  public BackendMeters backends() {
    return backends;
  }

  /** An answer of this status was sent. */
  public void responded(int status) {
    responses[status / 100 - 1].increment();
  }

  /** A client has connected. */
  public void connectionOpened() {
    activeConnections.increment();
  }

  /** A client is gone. */
  public void connectionClosed() {
    activeConnections.decrement();
  }

  /** A client was one too many. */
  public void connectionRefused() {
    connectionsRefused.increment();
  }

  /** A proxy in front of us did not say, or not correctly, whom it brings. */
  public void proxyHeaderRefused() {
    proxyHeadersRefused.increment();
  }

  /** A connection to a backend stands. */
  public void connected() {
    connectsDone.increment();
  }

  /** A connection to a backend does not. */
  public void connectFailed() {
    connectsFailed.increment();
  }

  /** A TLS handshake with a backend did not come to its end because of its certificate. */
  public void backendCertificateRefused() {
    certificatesRefused.increment();
  }

  /** A TLS handshake with a backend did not come to its end. */
  public void backendHandshakeFailed() {
    handshakesFailed.increment();
  }

  /** A request was tried once more. */
  public void retried() {
    retries.increment();
  }

  /** So much has come, after TLS. */
  public void receivedFromClient(int bytes) {
    bytesFromClients.add(bytes);
  }

  /** So much has come. */
  public void receivedFromBackend(int bytes) {
    bytesFromBackends.add(bytes);
  }
}
