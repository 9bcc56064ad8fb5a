package dev.lockstep.agent.proxy;

import dev.lockstep.agent.proxy.http.BodyReader;
import dev.lockstep.agent.proxy.http.ResponseHead;
import dev.lockstep.agent.proxy.http.Unread;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import org.jspecify.annotations.Nullable;

/**
 * One connection to a backend: reads the response for the exchange that uses it. It is used again
 * only after a request and a response that were both whole and correct; after anything else it is
 * closed, because nobody can say what would come next on it.
 *
 * <p>Confined to the event loop.
 */
final class UpstreamConnection extends ChannelInboundHandlerAdapter {

  private enum Phase {
    HEAD,
    BODY
  }

  private static final int MAX_INTERIM = 8;

  private final Worker worker;
  private final UpstreamPool.Key key;
  private final Channel channel;
  private final ResponseHead response = new ResponseHead();
  private final BodyReader body = new BodyReader();
  private final DeadlineTimer idleTimer;
  private @Nullable Exchange exchange;
  private @Nullable Tunnel tunnel;
  private @Nullable ClientConnection toFlush;
  private final Unread unread = new Unread();
  private Phase phase = Phase.HEAD;
  private int requests;
  private int interims;
  private boolean answered;

  UpstreamConnection(Worker worker, UpstreamPool.Key key, Channel channel) {
    this.worker = worker;
    this.key = key;
    this.channel = channel;
    this.idleTimer = new DeadlineTimer(worker.loop(), this::close);
  }

  UpstreamPool.Key key() {
    return key;
  }

  Channel channel() {
    return channel;
  }

  /** {@return whether other requests were sent before this one: it may have been closed since} */
  boolean isReused() {
    return requests > 1;
  }

  boolean isWritable() {
    return channel.isWritable();
  }

  void write(ByteBuf data) {
    channel.write(data, channel.voidPromise());
  }

  void flush() {
    channel.flush();
  }

  /** Reads no more until {@link #resumeReading}: the client does not keep up. */
  void pauseReading() {
    channel.config().setAutoRead(false);
  }

  void resumeReading() {
    channel.config().setAutoRead(true);
  }

  /** Belongs to this exchange from now on. */
  void begin(Exchange by) {
    idleTimer.clear();
    exchange = by;
    phase = Phase.HEAD;
    response.reset();
    requests++;
    interims = 0;
    answered = false;
  }

  /** Passes bytes on as they are from now on. */
  void become(Tunnel through) {
    tunnel = through;
    unread.take().ifPresent(through::fromBackend);
  }

  /** Is free again after a whole response; waits for another request if it can take one. */
  void release(boolean requestWasWhole) {
    exchange = null;
    boolean clean = unread.isEmpty();
    unread.clear();
    if (!requestWasWhole || !clean || !response.keepsAlive() || !channel.isActive()) {
      channel.close();
      return;
    }
    park();
  }

  /** Waits for a request. */
  void park() {
    resumeReading();
    idleTimer.set(worker.settings().timeouts().backendIdle());
    worker.pool().offer(this);
  }

  void close() {
    exchange = null;
    channel.close();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) {
    ByteBuf in = (ByteBuf) msg;
    worker.meters().receivedFromBackend(in.readableBytes());
    Exchange asking = exchange;
    if (tunnel != null) {
      tunnel.fromBackend(in);
    } else if (asking == null) {
      // Nobody asked for this.
      in.release();
      close();
    } else {
      answered = true;
      toFlush = asking.client();
      unread.add(ctx.alloc(), in);
      process();
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    ClientConnection client = toFlush;
    if (client != null) {
      toFlush = null;
      client.flush();
    }
  }

  private void process() {
    boolean going = true;
    while (going) {
      Exchange asking = exchange;
      going =
          asking != null
              && tunnel == null
              && (phase == Phase.HEAD ? readHead(asking) : readBody(asking));
    }
    unread.trim();
  }

  private boolean readHead(Exchange asking) {
    return switch (response.read(unread.in())) {
      case MORE -> false;
      case FAULT -> broken(asking);
      case DONE -> {
        if (response.isInterim()) {
          // We have answered Expect ourselves; other interim responses are hints only.
          response.reset();
          yield ++interims <= MAX_INTERIM || broken(asking);
        }
        yield response.status() == 101 ? upgrade(asking) : head(asking);
      }
    };
  }

  private boolean head(Exchange asking) {
    phase = Phase.BODY;
    body.start(response.framing(asking.request()));
    asking.responseHead(response);
    return true;
  }

  private boolean upgrade(Exchange asking) {
    if (!response.upgradesToWebSocket() || !asking.request().upgradesToWebSocket()) {
      return broken(asking);
    }
    asking.upgraded(response);
    return false;
  }

  private boolean readBody(Exchange asking) {
    return switch (body.next(unread.in())) {
      case MORE -> false;
      case FAULT -> broken(asking);
      case DATA -> {
        asking.responseData(unread.in().readRetainedSlice(body.length()));
        yield true;
      }
      case END -> {
        asking.responseEnd(body);
        yield false;
      }
    };
  }

  private boolean broken(Exchange asking) {
    close();
    asking.lost(Exchange.Loss.ANSWERED);
    return false;
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (!channel.isWritable()) {
      return;
    }
    if (tunnel != null) {
      tunnel.backendWritable();
    } else if (exchange != null) {
      exchange.client().continueBody();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    idleTimer.stop();
    Exchange asking = exchange;
    exchange = null;
    if (tunnel != null) {
      tunnel.backendEnded();
    } else if (asking == null) {
      worker.pool().remove(this);
    } else if (phase == Phase.BODY && body.endsWithConnection()) {
      asking.responseEnd(body);
      asking.client().flush();
    } else {
      asking.lost(answered ? Exchange.Loss.ANSWERED : Exchange.Loss.SILENT);
    }
    unread.clear();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    // Whatever it was, the connection is of no use; channelInactive tells who must know.
    Worker.logUnexpected(cause);
    ctx.close();
  }
}
