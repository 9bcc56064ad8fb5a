package dev.lockstep.agent.proxy.request;

/**
 * A client's connection, as its {@link Worker} sees it: a TLS handshake, an HTTP/1.1 or an HTTP/2
 * connection. It adds itself to the worker, and removes itself when it is closed.
 *
 * <p>All methods are called on its event loop.
 */
public interface ClientConnection {

  /** Closes when what is being answered is over; if nothing is, after this many nanoseconds. */
  void retire(long nanos);

  /** Closes at once. */
  void abort();
}
