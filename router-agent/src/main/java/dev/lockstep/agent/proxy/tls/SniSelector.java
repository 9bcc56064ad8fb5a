package dev.lockstep.agent.proxy.tls;

import dev.lockstep.core.config.Certificate;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.ssl.AbstractSniHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads the client's hello and chooses the certificate; then makes way for the handshake. Who gets
 * none is told why by an alert, and never sees another tenant's certificate.
 *
 * <p>Confined to the event loop of its connection.
 */
public final class SniSelector extends AbstractSniHandler<SniSelector.Choice> {

  /** What becomes of a handshake. */
  public sealed interface Choice permits Selection, Alert {}

  /**
   * It gets a certificate. Handlers behind this one are told of it as a user event.
   *
   * @param certificate which one
   * @param context that serves it
   */
  public record Selection(Certificate.Id certificate, SslContext context) implements Choice {}

  /** It ends with this fatal alert. */
  public enum Alert implements Choice {
    /** Nobody serves the name that the client asks for: what 404 is to HTTP (RFC 6066 3). */
    UNRECOGNIZED_NAME(112),
    /** This replica cannot say now who serves the name: what 503 is to HTTP (RFC 8446 6.2). */
    INTERNAL_ERROR(80);

    private static final int ALERT = 21;
    private static final int FATAL = 2;

    private final byte code;

    Alert(int code) {
      this.code = (byte) code;
    }

    private byte[] onTheWire() {
      return new byte[] {ALERT, 3, 3, 0, 2, FATAL, code};
    }
  }

  private static final int MAX_HELLO = 65_536;

  private final Function<Optional<String>, Choice> select;
  private final Duration handshakeTimeout;
  private boolean refused;

  /**
   * Chooses by this function of the server name, in lower case; empty when the client named none.
   */
  public SniSelector(Function<Optional<String>, Choice> select, Duration handshakeTimeout) {
    super(MAX_HELLO, handshakeTimeout.toMillis());
    this.select = select;
    this.handshakeTimeout = handshakeTimeout;
  }

  @Override
  protected Future<Choice> lookup(ChannelHandlerContext ctx, @Nullable String hostname) {
    if (refused) {
      // The hello is read again as more comes, and at the end: the alert has been sent once. What
      // is looked up is kept until that is over, so it ends with the connection.
      Promise<Choice> over = ctx.executor().newPromise();
      ctx.channel().closeFuture().addListener(_ -> over.trySuccess(Alert.INTERNAL_ERROR));
      return over;
    }
    Optional<String> name = Optional.ofNullable(hostname).map(SniSelector::canonical);
    return ctx.executor().newSucceededFuture(select.apply(name));
  }

  private static String canonical(String hostname) {
    String lower = hostname.toLowerCase(Locale.ROOT);
    return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
  }

  @Override
  protected void onLookupComplete(
      ChannelHandlerContext ctx, @Nullable String hostname, Future<Choice> future) {
    switch (future.getNow()) {
      case Alert alert -> refuse(ctx, alert);
      case Selection selection -> {
        SslHandler handshake = selection.context().newHandler(ctx.alloc());
        handshake.setHandshakeTimeoutMillis(handshakeTimeout.toMillis());
        ctx.fireUserEventTriggered(selection);
        ctx.pipeline().replace(this, "tls", handshake);
      }
    }
  }

  private void refuse(ChannelHandlerContext ctx, Alert alert) {
    if (!refused) {
      refused = true;
      ctx.writeAndFlush(Unpooled.wrappedBuffer(alert.onTheWire()))
          .addListener(ChannelFutureListener.CLOSE);
    }
  }
}
