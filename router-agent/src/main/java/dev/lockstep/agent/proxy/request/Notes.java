package dev.lockstep.agent.proxy.request;

import dev.lockstep.agent.proxy.account.Failure;
import dev.lockstep.agent.proxy.account.RequestRecord;
import dev.lockstep.agent.proxy.backend.Tunnel;
import dev.lockstep.agent.proxy.http.RequestHead;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.util.AsciiString;
import org.jspecify.annotations.Nullable;

/**
 * What is noted about the requests of an exchange, and said about them in our own name. Where
 * nobody wants to know, there is no record, and each note is a look at that.
 *
 * <p>Confined to the event loop; of one request after the other.
 */
public final class Notes {
  private final Worker worker;
  private final RequestHead request;
  private final OwnFields own;
  private final @Nullable RequestRecord record;
  private boolean open;
  private boolean clientEnded;

  /** Notes what becomes of the requests of this client. */
  Notes(Client client, Worker worker, RequestRecord.Protocol protocol) {
    this.worker = worker;
    this.request = client.request();
    this.own = new OwnFields(worker);
    RequestRecord.Peer peer = client.claims().peer(protocol);
    this.record = worker.account().record(request, peer).orElse(null);
  }

  /** {@return what is said about the request in our own name} */
  public OwnFields own() {
    return own;
  }

  /** A request begins whose head is whole and correct. */
  void begin() {
    open = true;
    own.begin(request);
    if (record != null) {
      record.begin();
      identify(record);
    }
  }

  private void beginUnread() {
    open = true;
    own.beginUnread();
    if (record != null) {
      record.beginUnread();
      identify(record);
    }
  }

  private void identify(RequestRecord known) {
    AsciiString id = own.id();
    if (id != null) {
      known.identified(id);
    }
  }

  /** The gate has decided, by the table that is served now. */
  void decided(RequestGate by) {
    own.decided();
    if (record != null) {
      record.routed(worker.table().version(), by.origin());
    }
  }

  void tries(String address, int port) {
    if (record != null) {
      record.tries(address, port);
    }
  }

  void connected() {
    if (record != null) {
      record.connected();
    }
  }

  void received(ByteBuf data) {
    if (record != null) {
      record.received(data.readableBytes());
    }
  }

  void sent(ByteBuf data) {
    if (record != null) {
      record.sent(data.readableBytes());
    }
  }

  /** The head of a backend's answer has come. */
  void answered(int status) {
    worker.meters().responded(status);
    if (record != null) {
      record.answered(status);
    }
  }

  /** An interim response of a backend goes on to the client. */
  public void passesOn(int status) {
    worker.meters().responded(status);
  }

  /** The client is about to get this answer from us, to a request that has begun or cannot. */
  public void answering(Answer answer) {
    worker.meters().responded(answer.status());
    if (!open) {
      beginUnread();
    }
    if (record != null) {
      boolean body = answer.hasBody() && !request.isHead();
      record.answeredByUs(answer.status(), body ? ByteBufUtil.utf8Bytes(answer.body()) : 0);
    }
    end(answer.failure().orElse(null));
  }

  /** It is no request, or not the one that it began as, and gets no answer. */
  void malformed() {
    if (!open) {
      beginUnread();
    }
    end(Failure.REQUEST_MALFORMED);
  }

  /** The client is gone, whether or not it was still waiting for something. */
  void gone(@Nullable Tunnel through) {
    if (!open) {
      return;
    }
    if (through == null) {
      end(worker.isClosed() ? Failure.SHUT_DOWN : Failure.CLIENT_GONE);
      return;
    }
    if (record != null) {
      record.received(through.bytesFromClient());
      record.sent(through.bytesFromBackend());
    }
    end(null);
  }

  /** The client sends nothing more on its connection: perhaps it is gone, and nobody knows yet. */
  public void clientEnded() {
    clientEnded = true;
  }

  /**
   * The request is over, for this reason if it went wrong. BEFORE the client goes on: its next
   * request may begin at once.
   */
  void end(@Nullable Failure why) {
    open = false;
    if (record != null) {
      record.end(clientEnded && isLate(why) ? Failure.CLIENT_GONE : why);
    }
  }

  /** A client that has ended its side is given less time than backends are. */
  private static boolean isLate(@Nullable Failure why) {
    return why == Failure.BACKEND_TIMEOUT
        || why == Failure.CONNECT_TIMEOUT
        || why == Failure.VERSION_BEHIND;
  }
}
