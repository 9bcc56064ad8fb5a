package dev.lockstep.agent.proxy.account;

import dev.lockstep.agent.proxy.http.RequestHead;
import dev.lockstep.core.config.Backend;
import dev.lockstep.core.config.ObjectKey;
import dev.lockstep.core.config.Version;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one request, noted while it goes on and handed to the account of its event loop
 * when it is over. Reused for the next request of its client.
 *
 * <p>Confined to the event loop.
 */
public final class RequestRecord {

  /**
   * Who asks.
   *
   * @param address without port
   * @param scheme http or https
   * @param protocol what is spoken
   */
  public record Peer(String address, String scheme, Protocol protocol) {}

  /** What a client speaks. */
  public enum Protocol {
    HTTP1,
    HTTP2
  }

  private final LoopAccount account;
  private final RequestHead request;
  private final Peer peer;
  private boolean understood;
  private @Nullable CharSequence id;
  private Version version = Version.NONE;
  private @Nullable ObjectKey origin;
  private @Nullable String backend; // Its address.
  private int backendPort;
  private @Nullable Failure failure;
  private int attempts;
  private int status;
  private long bytesIn;
  private long bytesOut;
  private long begunAt;
  private long connectedAt;
  private long answeredAt;
  private boolean connected;
  private boolean answered;

  RequestRecord(LoopAccount account, RequestHead request, Peer peer) {
    this.account = account;
    this.request = request;
    this.peer = peer;
  }

  /** A request has come whose head is whole and correct. */
  public void begin() {
    begun(true);
  }

  /** A request has come that cannot be read: nothing of it is repeated. */
  public void beginUnread() {
    begun(false);
  }

  private void begun(boolean readable) {
    understood = readable;
    id = null;
    version = Version.NONE;
    origin = null;
    backend = null;
    failure = null;
    attempts = 0;
    status = 0;
    bytesIn = 0;
    bytesOut = 0;
    connected = false;
    answered = false;
    begunAt = System.nanoTime();
  }

  /** It goes by this name. */
  public void identified(CharSequence as) {
    id = as;
  }

  /** This version decided about it, by a rule of this object, if any rule is for it. */
  public void routed(Version by, @Nullable ObjectKey rule) {
    version = by;
    origin = rule;
  }

  /** A way to this endpoint is looked for. */
  public void tries(String address, int port) {
    attempts++;
    backend = address;
    backendPort = port;
    connected = false;
  }

  /** The way stands, and the request is sent on it. */
  public void connected() {
    connected = true;
    connectedAt = System.nanoTime();
  }

  /** The head of the backend's answer has come. */
  public void answered(int with) {
    status = with;
    answered = true;
    answeredAt = System.nanoTime();
  }

  /** We answer, with so many bytes of a body. */
  public void answeredByUs(int with, int bytes) {
    status = with;
    bytesOut = bytes;
  }

  /** So much of its body has been passed on. */
  public void received(long bytes) {
    bytesIn += bytes;
  }

  /** So much of the answer's body has been passed on. */
  public void sent(long bytes) {
    bytesOut += bytes;
  }

  /** It is over, for this reason if it went wrong. */
  public void end(@Nullable Failure why) {
    failure = why;
    account.take(this);
  }

  boolean isUnderstood() {
    return understood;
  }

  RequestHead request() {
    return request;
  }

  Peer peer() {
    return peer;
  }

  @Nullable CharSequence id() {
    return id;
  }

  Version version() {
    return version;
  }

  @Nullable ObjectKey origin() {
    return origin;
  }

  /** {@return address and port of the endpoint that was tried last} */
  @Nullable String backend() {
    String address = backend;
    return address == null ? null : Backend.Endpoint.text(address, backendPort);
  }

  @Nullable Failure failure() {
    return failure;
  }

  int attempts() {
    return attempts;
  }

  /** {@return the status that the client got; 0 if none} */
  int status() {
    return status;
  }

  /** {@return whether bytes passed as they were, after an upgrade} */
  boolean isTunnel() {
    return status == 101;
  }

  long bytesIn() {
    return bytesIn;
  }

  long bytesOut() {
    return bytesOut;
  }

  long begunAt() {
    return begunAt;
  }

  boolean isConnected() {
    return connected;
  }

  /** {@return nanoseconds from its beginning until the way to the backend stood} */
  long untilConnected() {
    return connectedAt - begunAt;
  }

  boolean isAnswered() {
    return answered;
  }

  /** {@return nanoseconds from its beginning until the head of the backend's answer had come} */
  long untilAnswered() {
    return answeredAt - begunAt;
  }
}
