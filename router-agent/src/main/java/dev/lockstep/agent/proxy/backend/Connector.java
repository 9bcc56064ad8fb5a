package dev.lockstep.agent.proxy.backend;

import dev.lockstep.agent.proxy.ProxyLoop;
import dev.lockstep.core.config.Backend;
import dev.lockstep.core.config.BackendTls;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ConnectTimeoutException;
import io.netty.handler.ssl.SslContext;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Optional;

/**
 * Opens connections to backends, to addresses that a backend may have. Confined to the event loop.
 */
final class Connector {

  /** What is spoken on a connection. */
  enum Http {
    ONE,
    TWO
  }

  /** Wants a connection. */
  interface Opener {

    /** {@return what reads this channel, on which this is spoken} */
    ChannelHandler reader(Channel channel, Http http);

    /** It stands, and is read. */
    void opened(Channel channel, Http http);

    /** It does not, for this reason. */
    void failed(UpstreamPool.Failure failure);
  }

  /**
   * What is to be opened.
   *
   * @param key where to
   * @param tls what it begins with; absent if it is in the clear
   * @param timeout how long it may take, the look-up of a name aside; a TLS handshake may take as
   *     long again
   * @param opener hears of it
   */
  record Attempt(UpstreamPool.Key key, Optional<SslContext> tls, Duration timeout, Opener opener) {}

  private final ProxyLoop loop;
  private final TlsComplaints complaints = new TlsComplaints();

  Connector(ProxyLoop loop) {
    this.loop = loop;
  }

  ProxyLoop loop() {
    return loop;
  }

  void open(Attempt attempt) {
    String address = attempt.key.address();
    Optional<InetAddress> known = BackendAddress.known(address);
    if (known.isPresent()) {
      open(attempt, known.get());
      return;
    }
    // The JDK's look-up blocks, so it gets a thread of its own; it obeys the pod's DNS settings.
    Thread.ofVirtual()
        .name("proxy-dns")
        .start(
            () -> {
              Optional<InetAddress> found = lookUp(address);
              loop.executor()
                  .execute(
                      () ->
                          found.ifPresentOrElse(
                              it -> open(attempt, it),
                              () -> failed(attempt, UpstreamPool.Failure.UNREACHABLE)));
            });
  }

  private static Optional<InetAddress> lookUp(String name) {
    try {
      return Optional.of(BackendAddress.lookUp(name));
    } catch (UnknownHostException e) {
      return Optional.empty();
    }
  }

  private void open(Attempt attempt, InetAddress address) {
    if (!BackendAddress.isPermitted(attempt.key.address(), address)) {
      failed(attempt, UpstreamPool.Failure.UNREACHABLE);
      return;
    }
    new Bootstrap()
        .group(loop.executor())
        .channelFactory(loop.backendChannels())
        .option(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
        .option(ChannelOption.TCP_NODELAY, true)
        .option(ChannelOption.SO_KEEPALIVE, true)
        .option(
            ChannelOption.CONNECT_TIMEOUT_MILLIS,
            (int) Math.clamp(attempt.timeout.toMillis(), 1, Integer.MAX_VALUE))
        .handler(
            new ChannelInitializer<>() {
              @Override
              protected void initChannel(Channel channel) {
                prepare(channel, attempt);
              }
            })
        .connect(new InetSocketAddress(address, attempt.key.port()))
        .addListener(future -> opened((ChannelFuture) future, attempt));
  }

  private void prepare(Channel channel, Attempt attempt) {
    if (attempt.tls.isPresent()) {
      TlsHandshake.addTo(channel, this, attempt, attempt.tls.get());
    } else {
      channel.pipeline().addLast(attempt.opener.reader(channel, cleartext(attempt)));
    }
  }

  private static Http cleartext(Attempt attempt) {
    return attempt.key.protocol() == Backend.Cleartext.H2C ? Http.TWO : Http.ONE;
  }

  private void opened(ChannelFuture future, Attempt attempt) {
    if (!future.isSuccess()) {
      boolean late = future.cause() instanceof ConnectTimeoutException;
      failed(attempt, late ? UpstreamPool.Failure.TIMEOUT : UpstreamPool.Failure.UNREACHABLE);
    } else if (attempt.tls.isEmpty()) {
      opened(future.channel(), cleartext(attempt), attempt);
    }
  }

  /** The connection stands, and the handshake is over if there is one. */
  void opened(Channel channel, Http http, Attempt attempt) {
    loop.meters().connected();
    attempt.opener.opened(channel, http);
  }

  private void failed(Attempt attempt, UpstreamPool.Failure failure) {
    loop.meters().connectFailed();
    attempt.opener.failed(failure);
  }

  /** The handshake has failed. */
  void failed(Attempt attempt, UpstreamPool.Failure failure, Throwable cause) {
    if (failure == UpstreamPool.Failure.CERTIFICATE) {
      loop.meters().backendCertificateRefused();
    } else {
      loop.meters().backendHandshakeFailed();
    }
    if (attempt.key.protocol() instanceof BackendTls tls) {
      complaints.tell(attempt.key, tls.serverName(), reason(cause));
    }
    failed(attempt, failure);
  }

  /** The innermost cause says it best. */
  private static String reason(Throwable cause) {
    Throwable at = cause;
    while (at.getCause() != null && at.getCause() != at) {
      at = at.getCause();
    }
    return at.getMessage() == null ? at.getClass().getSimpleName() : at.getMessage();
  }
}
