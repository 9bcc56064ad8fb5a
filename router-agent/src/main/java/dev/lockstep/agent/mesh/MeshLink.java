package dev.lockstep.agent.mesh;

import dev.lockstep.agent.mesh.MeshTally.Count;
import dev.lockstep.agent.wire.Decoded;
import dev.lockstep.agent.wire.Encoded;
import dev.lockstep.core.protocol.Event;
import dev.lockstep.core.protocol.LinkId;
import dev.lockstep.core.protocol.Message;
import io.vertx.core.Context;
import io.vertx.core.http.WebSocketBase;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * One link, from the wish to have it until its end. Reports its end exactly once, unless it was
 * ended by {@link #disconnect}: then nothing is reported any more, not even what is under way.
 *
 * <p>Thread-safe: the phase changes, and events leave, only under this object's lock; the socket is
 * written to on its own event loop, so messages keep their order.
 */
final class MeshLink {

  /** Why a link is closed (RFC 6455 7.4.1). */
  enum CloseCode {
    NORMAL(1000),
    GOING_AWAY(1001),
    PROTOCOL_ERROR(1002),
    POLICY(1008),
    TOO_BIG(1009),
    TRY_AGAIN(1013);

    private final short number;

    CloseCode(int number) {
      this.number = (short) number;
    }
  }

  /** What may come in over a link. */
  interface Screen {
    /** {@return why the message must not come over this link; empty if it may} */
    Optional<Refusal> check(Message message);
  }

  /** Why a message must not come over a link. */
  record Refusal(Count count, String reason) {}

  private enum Phase {
    CONNECTING,
    OPEN,
    ENDED
  }

  /** An open socket, its event loop, and how to cut it when it does not close by itself. */
  private record Socket(WebSocketBase webSocket, Context context, Runnable cut, long idleTimer) {}

  /**
   * Later than every close time-out of ours: two who cut at the same moment get in each other's
   * way. Vert.x also begins to count only when the close frame was written, which may be never.
   */
  static final int LIBRARY_CLOSE_SECONDS = 3600;

  /** Control frames carry at most 125 bytes, two of them the code. */
  private static final int CLOSE_REASON = 120;

  private final LinkId id;
  private final MeshParts parts;
  private final Screen screen;
  private final AtomicLong pending = new AtomicLong();
  private volatile long lastHeard = System.nanoTime();
  private Phase phase = Phase.CONNECTING;
  // Null until the link is open, and after it has ended.
  private @Nullable Socket socket;

  MeshLink(LinkId id, MeshParts parts, Screen screen) {
    this.id = id;
    this.parts = parts;
    this.screen = screen;
  }

  LinkId id() {
    return id;
  }

  /**
   * Starts the link on this socket. To be called on the socket's event loop.
   *
   * @param cut ends the TCP connection, however the socket feels; may be called twice
   * @param connected what to report
   */
  void open(WebSocketBase webSocket, Runnable cut, Event connected) {
    long idle = parts.settings().linkIdleTimeout().toMillis();
    synchronized (this) {
      if (phase == Phase.ENDED) {
        cut.run();
        return;
      }
      phase = Phase.OPEN;
      lastHeard = System.nanoTime();
      webSocket.textMessageHandler(this::onText);
      webSocket.binaryMessageHandler(
          bytes -> refuse(new Refusal(Count.UNREADABLE, "binary message")));
      webSocket.exceptionHandler(e -> lose(CloseCode.PROTOCOL_ERROR, reasonOf(e)));
      webSocket.closeHandler(closed -> onClosed(webSocket));
      long timer = parts.vertx().setPeriodic(Math.max(1, idle / 4), now -> checkIdle());
      socket = new Socket(webSocket, parts.vertx().getOrCreateContext(), cut, timer);
      parts.environment().events().accept(connected);
    }
  }

  /** Sends, or gives the link up: it never waits, and never keeps more than its bound. */
  void send(Encoded message) {
    Optional<Socket> open = openSocket();
    if (open.isEmpty()) {
      return;
    }
    int size = message.size();
    if (size > parts.settings().maxLeaderMessage()) {
      parts.tally().warn(Count.OVERSIZED, id.toString(), "push of " + size + " bytes");
      lose(CloseCode.TRY_AGAIN, "push of " + size + " bytes is too large: fetch a snapshot");
      return;
    }
    if (pending.addAndGet(size) > parts.settings().maxPending()) {
      parts.tally().warn(Count.SLOW_READER, id.toString(), "does not read");
      lose(CloseCode.TRY_AGAIN, "the other side does not read");
      return;
    }
    Socket to = open.get();
    to.context()
        .runOnContext(
            now ->
                to.webSocket()
                    .writeTextMessage(message.text())
                    .onComplete(written -> pending.addAndGet(-size)));
  }

  /** Ends the link and reports it, unless it has ended before. */
  void lose(CloseCode code, String reason) {
    Optional<Socket> last;
    synchronized (this) {
      if (phase == Phase.ENDED) {
        return;
      }
      last = end();
      parts.environment().events().accept(new Event.LinkLost(id, reason));
    }
    last.ifPresent(open -> close(open, code, reason));
  }

  /** Ends the link without a word to the core. */
  void disconnect(CloseCode code, String reason) {
    Optional<Socket> last;
    synchronized (this) {
      last = end();
    }
    last.ifPresent(open -> close(open, code, reason));
  }

  private synchronized Optional<Socket> openSocket() {
    return Optional.ofNullable(socket);
  }

  private Optional<Socket> end() {
    Optional<Socket> last = Optional.ofNullable(socket);
    phase = Phase.ENDED;
    socket = null;
    parts.links().remove(id, this);
    return last;
  }

  private void close(Socket open, CloseCode code, String reason) {
    parts.vertx().cancelTimer(open.idleTimer());
    String text = reason.length() <= CLOSE_REASON ? reason : reason.substring(0, CLOSE_REASON);
    open.context()
        .runOnContext(
            now -> {
              if (!open.webSocket().isClosed()) {
                open.webSocket().close(code.number, text);
              }
            });
    // A peer that does not read never sees the close frame: so the connection is cut as well.
    parts.vertx().setTimer(parts.settings().closeTimeout().toMillis(), now -> open.cut().run());
  }

  private void onText(String text) {
    lastHeard = System.nanoTime();
    switch (parts.codec().decode(text)) {
      case Decoded.Understood understood -> onMessage(understood.message());
      case Decoded.UnknownType ignored -> parts.tally().add(Count.UNKNOWN_TYPE);
      case Decoded.Unservable unservable -> onUnservable(unservable);
      case Decoded.Unreadable unreadable ->
          refuse(new Refusal(Count.UNREADABLE, unreadable.reason()));
    }
  }

  private void onMessage(Message message) {
    Optional<Refusal> refusal = screen.check(message);
    if (refusal.isPresent()) {
      refuse(refusal.get());
      return;
    }
    synchronized (this) {
      if (phase == Phase.OPEN) {
        parts.environment().events().accept(new Event.Received(id, message));
      }
    }
  }

  /** The core cannot see what it has no words for: so this side answers in its place. */
  private void onUnservable(Decoded.Unservable push) {
    Message nack = new Message.Nack(push.epoch(), push.version(), push.problems());
    boolean comesFromFollower = screen.check(nack).isEmpty();
    if (comesFromFollower) {
      refuse(new Refusal(Count.UNREADABLE, "a follower speaks as a leader"));
      return;
    }
    parts.tally().warn(Count.UNSERVABLE, id.toString(), push.problems().getFirst().reason());
    send(parts.codec().encode(nack));
  }

  private void refuse(Refusal refusal) {
    parts.tally().warn(refusal.count(), id.toString(), refusal.reason());
    lose(CloseCode.POLICY, refusal.reason());
  }

  private void checkIdle() {
    long silence = System.nanoTime() - lastHeard;
    if (silence > parts.settings().linkIdleTimeout().toNanos()) {
      parts.tally().add(Count.SILENT);
      lose(CloseCode.GOING_AWAY, "nothing came for " + silence / 1_000_000 + " ms");
    }
  }

  private void onClosed(WebSocketBase webSocket) {
    Short code = webSocket.closeStatusCode();
    String reason = webSocket.closeReason();
    lose(
        CloseCode.NORMAL,
        code == null
            ? "connection lost"
            : "closed by the other side: " + code + (reason == null ? "" : " " + reason));
  }

  static String reasonOf(Throwable failure) {
    String message = failure.getMessage();
    String type = failure.getClass().getSimpleName();
    return message == null ? type : type + ": " + message;
  }
}
