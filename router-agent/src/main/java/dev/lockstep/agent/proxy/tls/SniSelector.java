package dev.lockstep.agent.proxy.tls;

import dev.lockstep.core.config.Certificate;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.ssl.AbstractSniHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads the client's hello and chooses the certificate; then makes way for the handshake. A client
 * that names a server which nobody serves gets the alert {@code unrecognized_name}, never another
 * tenant's certificate (RFC 6066 3).
 *
 * <p>Confined to the event loop of its connection.
 */
public final class SniSelector extends AbstractSniHandler<SniSelector.Selection> {

  /**
   * What a handshake gets. Handlers behind this one are told of it as a user event.
   *
   * @param certificate which one
   * @param context that serves it
   */
  public record Selection(Certificate.Id certificate, SslContext context) {}

  private static final int MAX_HELLO = 65_536;
  private static final byte[] UNRECOGNIZED_NAME = {21, 3, 3, 0, 2, 2, 112};

  private final Function<Optional<String>, Optional<Selection>> select;
  private final Duration handshakeTimeout;

  /**
   * Chooses by this function of the server name, in lower case; empty when the client named none.
   */
  public SniSelector(
      Function<Optional<String>, Optional<Selection>> select, Duration handshakeTimeout) {
    super(MAX_HELLO, handshakeTimeout.toMillis());
    this.select = select;
    this.handshakeTimeout = handshakeTimeout;
  }

  @Override
  protected Future<Selection> lookup(ChannelHandlerContext ctx, @Nullable String hostname) {
    Optional<String> name = Optional.ofNullable(hostname).map(SniSelector::canonical);
    return select
        .apply(name)
        .map(ctx.executor()::newSucceededFuture)
        .orElseGet(() -> ctx.executor().newFailedFuture(new UnknownServer()));
  }

  private static String canonical(String hostname) {
    String lower = hostname.toLowerCase(Locale.ROOT);
    return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
  }

  @Override
  protected void onLookupComplete(
      ChannelHandlerContext ctx, @Nullable String hostname, Future<Selection> future) {
    if (!future.isSuccess()) {
      ByteBuf alert = ctx.alloc().buffer(UNRECOGNIZED_NAME.length).writeBytes(UNRECOGNIZED_NAME);
      ctx.writeAndFlush(alert).addListener(ChannelFutureListener.CLOSE);
      return;
    }
    Selection selection = future.getNow();
    SslHandler handshake = selection.context().newHandler(ctx.alloc());
    handshake.setHandshakeTimeoutMillis(handshakeTimeout.toMillis());
    ctx.fireUserEventTriggered(selection);
    ctx.pipeline().replace(this, "tls", handshake);
  }

  /** Not an error of ours: the client asked for somebody who is not here. */
  private static final class UnknownServer extends RuntimeException {
    private static final long serialVersionUID = 1;

    UnknownServer() {
      super("unknown server name", null, false, false);
    }
  }
}
