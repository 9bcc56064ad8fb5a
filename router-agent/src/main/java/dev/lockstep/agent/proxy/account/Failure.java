package dev.lockstep.agent.proxy.account;

import java.util.Locale;

/** Why a request did not get the answer of a backend, or not all of it. */
public enum Failure {
  /** It was not HTTP as we read it, in its head or in its body. */
  REQUEST_MALFORMED,
  /** It did not come in time, its head or its body. */
  REQUEST_TIMEOUT,
  /** This replica takes no requests now: it does not know whether it serves the newest config. */
  NOT_READY,
  /** It asked for a version that this replica did not serve in time. */
  VERSION_BEHIND,
  /** It asked for a version that is not served yet, and too many wait for one already. */
  TOO_MANY_WAITING,
  /** The certificate of its connection is not the one of its host. */
  TLS_MISMATCH,
  /** No route is for its host and path. */
  NO_ROUTE,
  /** Its client's address may not use the route. */
  NOT_ALLOWED,
  /** No endpoint of the route's backend is ready. */
  NO_ENDPOINT,
  /** No endpoint could be reached lately, and so none was tried. */
  BACKEND_DOWN,
  /**
   * The backend had as many requests as it may have, and this one waited too long, or not at all.
   */
  BACKEND_BUSY,
  /** This replica had as many requests on their way to backends as it may have. */
  OVERLOADED,
  /**
   * No connection: refused, unreachable, a name without an address, an address not permitted, a TLS
   * handshake that failed.
   */
  CONNECT_FAILED,
  /** No connection in the time that the route allows. */
  CONNECT_TIMEOUT,
  /** The backend closed, or reset, before its answer was whole. */
  BACKEND_RESET,
  /** The backend sent nothing for the time that the route allows. */
  BACKEND_TIMEOUT,
  /** The backend's answer was not HTTP as we read it. */
  ANSWER_MALFORMED,
  /** The client took nothing of its answer for the time that the route allows. */
  CLIENT_STALLED,
  /** The client left before its answer was whole. */
  CLIENT_GONE,
  /** This replica ended before the answer was whole. */
  SHUT_DOWN;

  private final String text = name().toLowerCase(Locale.ROOT).replace('_', '-');

  /** {@return its name in lines and labels, example {@code no-route}} */
  public String text() {
    return text;
  }
}
