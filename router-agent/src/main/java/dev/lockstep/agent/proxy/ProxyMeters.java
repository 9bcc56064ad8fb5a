package dev.lockstep.agent.proxy;

import java.util.concurrent.atomic.LongAdder;

/** Counts what the data plane does. Thread-safe: counters that each thread adds to by itself. */
public final class ProxyMeters {
  private final LongAdder[] responses = new LongAdder[5];
  private final LongAdder activeConnections = new LongAdder();
  private final LongAdder connectsDone = new LongAdder();
  private final LongAdder connectsFailed = new LongAdder();
  private final LongAdder retries = new LongAdder();
  private final LongAdder bytesFromClients = new LongAdder();
  private final LongAdder bytesFromBackends = new LongAdder();
  private final LongAdder connectionsRefused = new LongAdder();

  ProxyMeters() {
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
   * Everything, at about one moment; all but the active connections only grow.
   *
   * @param responses to clients
   * @param activeConnections of clients, now
   * @param connectionsRefused because there were too many
   * @param backendConnects that succeeded
   * @param backendConnectFailures that did not
   * @param retries attempts after the first of a request
   * @param bytesFromClients received, after TLS
   * @param bytesFromBackends received
   */
  public record Reading(
      Responses responses,
      long activeConnections,
      long connectionsRefused,
      long backendConnects,
      long backendConnectFailures,
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
        connectsDone.sum(),
        connectsFailed.sum(),
        retries.sum(),
        bytesFromClients.sum(),
        bytesFromBackends.sum());
  }

  void responded(int status) {
    responses[status / 100 - 1].increment();
  }

  void connectionOpened() {
    activeConnections.increment();
  }

  void connectionClosed() {
    activeConnections.decrement();
  }

  void connectionRefused() {
    connectionsRefused.increment();
  }

  void connected() {
    connectsDone.increment();
  }

  void connectFailed() {
    connectsFailed.increment();
  }

  void retried() {
    retries.increment();
  }

  void receivedFromClient(int bytes) {
    bytesFromClients.add(bytes);
  }

  void receivedFromBackend(int bytes) {
    bytesFromBackends.add(bytes);
  }
}
