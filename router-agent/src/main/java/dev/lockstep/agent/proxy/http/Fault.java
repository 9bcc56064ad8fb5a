package dev.lockstep.agent.proxy.http;

/** Why a request is refused before it is routed. The connection closes after each of them. */
public enum Fault {
  /** Not HTTP as RFC 9110 and 9112 have it, or readable in two ways. */
  SYNTAX(400, "Bad Request"),
  /** The method makes no sense for a gateway. */
  METHOD(405, "Method Not Allowed"),
  /** The target is longer than the limit. */
  TARGET_TOO_LONG(414, "URI Too Long"),
  /** {@code Expect} asks for something other than {@code 100-continue}. */
  EXPECTATION(417, "Expectation Failed"),
  /** More or longer header fields than the limit. */
  HEAD_TOO_LARGE(431, "Request Header Fields Too Large"),
  /** A transfer coding other than {@code chunked}. */
  CODING(501, "Not Implemented"),
  /** A major version other than 1. */
  VERSION(505, "HTTP Version Not Supported");

  private final int status;
  private final String reason;

  Fault(int status, String reason) {
    this.status = status;
    this.reason = reason;
  }

  /** {@return the status code to answer with} */
  public int status() {
    return status;
  }

  /** {@return the reason phrase} */
  public String reason() {
    return reason;
  }
}
