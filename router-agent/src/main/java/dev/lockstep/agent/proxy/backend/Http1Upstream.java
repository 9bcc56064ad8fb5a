package dev.lockstep.agent.proxy.backend;

import dev.lockstep.agent.proxy.DeadlineTimer;
import dev.lockstep.agent.proxy.Defects;
import dev.lockstep.agent.proxy.ProxyLoop;
import dev.lockstep.agent.proxy.http.BodyFraming;
import dev.lockstep.agent.proxy.http.BodyReader;
import dev.lockstep.agent.proxy.http.Chunks;
import dev.lockstep.agent.proxy.http.RequestHead;
import dev.lockstep.agent.proxy.http.ResponseHead;
import dev.lockstep.agent.proxy.http.Trailers;
import dev.lockstep.agent.proxy.http.Unread;
import dev.lockstep.core.config.BackendTls;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/1.1 connection to a backend: reads the response for the exchange that uses it. It is
 * used again only after a request and a response that were both whole and correct; after anything
 * else it is closed, because nobody can say what would come next on it.
 *
 * <p>Confined to the event loop.
 */
final class Http1Upstream extends ChannelInboundHandlerAdapter implements Upstream {

  private enum Phase {
    HEAD,
    BODY
  }

  private final Destination destination;
  private final ProxyLoop loop;
  private final Channel channel;
  private final ResponseHead response = new ResponseHead();
  private final BodyReader body = new BodyReader();
  private final DeadlineTimer idleTimer;
  private @Nullable Asker asker;
  private @Nullable Tunnel tunnel;
  private @Nullable Asker reading;
  private final Unread unread = new Unread();
  private Phase phase = Phase.HEAD;
  private int requests;
  private int interims;
  private boolean answered;
  private boolean chunked;

  /** Whether the end of the connection is the backend's doing: over TLS it must say so. */
  private boolean endIsTrue;

  Http1Upstream(Destination destination, Channel channel) {
    this.destination = destination;
    this.loop = destination.loop();
    this.channel = channel;
    this.endIsTrue = !(destination.key().protocol() instanceof BackendTls);
    this.idleTimer = new DeadlineTimer(loop.executor(), this::close);
  }

  /** Hands on the connection that reads this channel, unless it has closed meanwhile. */
  static void handOver(Channel channel, UpstreamPool.Waiting waiting) {
    Http1Upstream connection = channel.pipeline().get(Http1Upstream.class);
    if (connection == null) {
      waiting.failed(UpstreamPool.Failure.UNREACHABLE);
    } else {
      waiting.connected(connection);
    }
  }

  @Override
  public boolean isReused() {
    return requests > 1;
  }

  @Override
  public boolean isWritable() {
    return channel.isWritable();
  }

  private void write(ByteBuf data) {
    channel.write(data, channel.voidPromise());
  }

  @Override
  public void flush() {
    channel.flush();
  }

  @Override
  public void pauseReading() {
    channel.config().setAutoRead(false);
  }

  @Override
  public void resumeReading() {
    channel.config().setAutoRead(true);
  }

  @Override
  public void begin(Asker by) {
    idleTimer.clear();
    asker = by;
    phase = Phase.HEAD;
    response.reset();
    requests++;
    interims = 0;
    answered = false;
    RequestHead request = by.request();
    chunked = request.framing().kind() == BodyFraming.Kind.CHUNKED;
    ByteBuf head = channel.alloc().buffer();
    request.writeLineTo(head);
    by.writeClaimsTo(head);
    request.writeFieldsTo(head);
    write(head);
  }

  @Override
  public void data(ByteBuf data) {
    if (chunked) {
      write(Chunks.start(channel.alloc(), data.readableBytes()));
      write(data);
      write(Chunks.end());
    } else {
      write(data);
    }
  }

  @Override
  public void end(Trailers trailers) {
    if (chunked) {
      write(Chunks.last(channel.alloc(), trailers));
    }
  }

  /** Passes bytes on as they are from now on. */
  private void become(Tunnel through) {
    tunnel = through;
    unread.take().ifPresent(through::fromBackend);
  }

  @Override
  public void release(boolean requestWasWhole) {
    asker = null;
    boolean clean = unread.isEmpty();
    unread.clear();
    if (!requestWasWhole || !clean || !response.keepsAlive() || !channel.isActive()) {
      channel.close();
      return;
    }
    park();
  }

  @Override
  public void park() {
    resumeReading();
    idleTimer.set(loop.settings().timeouts().backendIdle());
    destination.offer(this);
  }

  @Override
  public void close() {
    asker = null;
    channel.close();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) {
    ByteBuf in = (ByteBuf) msg;
    loop.meters().receivedFromBackend(in.readableBytes());
    Asker asking = asker;
    if (tunnel != null) {
      tunnel.fromBackend(in);
    } else if (asking == null) {
      // Nobody asked for this.
      in.release();
      close();
    } else {
      answered = true;
      reading = asking;
      unread.add(ctx.alloc(), in);
      process();
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    Asker hears = reading;
    if (hears != null) {
      reading = null;
      hears.responseRead();
    }
  }

  private void process() {
    boolean going = true;
    while (going) {
      Asker asking = asker;
      going =
          asking != null
              && tunnel == null
              && (phase == Phase.HEAD ? readHead(asking) : readBody(asking));
    }
    unread.trim();
  }

  private boolean readHead(Asker asking) {
    return switch (response.read(unread.in())) {
      case MORE -> false;
      case FAULT -> broken(asking);
      case DONE -> {
        if (response.isInterim()) {
          yield interim(asking);
        }
        yield response.status() == 101 ? upgrade(asking) : head(asking);
      }
    };
  }

  private boolean interim(Asker asking) {
    if (++interims > ResponseHead.MAX_INTERIM) {
      return broken(asking);
    }
    if (response.isHint()) {
      asking.interim(response);
    }
    response.reset();
    return true;
  }

  private boolean head(Asker asking) {
    phase = Phase.BODY;
    body.start(response.framing(asking.request()));
    asking.responseHead(response);
    return true;
  }

  private boolean upgrade(Asker asking) {
    if (!response.upgradesToWebSocket() || !asking.request().upgradesToWebSocket()) {
      return broken(asking);
    }
    asking.upgraded(response, channel).ifPresent(this::become);
    return false;
  }

  private boolean readBody(Asker asking) {
    return switch (body.next(unread.in())) {
      case MORE -> false;
      case FAULT -> broken(asking);
      case DATA -> {
        asking.responseData(unread.in().readRetainedSlice(body.length()));
        yield true;
      }
      case END -> {
        asking.responseEnd(body.trailers());
        yield false;
      }
    };
  }

  private boolean broken(Asker asking) {
    close();
    asking.lost(Asker.Loss.MALFORMED);
    return false;
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (!channel.isWritable()) {
      return;
    }
    if (tunnel != null) {
      tunnel.backendWritable();
    } else if (asker != null) {
      asker.backendWritable();
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof SslCloseCompletionEvent end) {
      // It will send nothing more, and may or may not close behind that.
      endIsTrue = end.isSuccess();
      ctx.close();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    idleTimer.stop();
    Asker asking = asker;
    asker = null;
    if (tunnel != null) {
      tunnel.backendEnded();
    } else if (asking == null) {
      destination.remove(this);
    } else if (phase == Phase.BODY && body.endsWithConnection() && endIsTrue) {
      asking.responseEnd(body.trailers());
      asking.responseRead();
    } else {
      asking.lost(answered ? Asker.Loss.ANSWERED : Asker.Loss.SILENT);
    }
    unread.clear();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    // Whatever it was, the connection is of no use; channelInactive tells who must know.
    Defects.log(cause);
    ctx.close();
  }
}
