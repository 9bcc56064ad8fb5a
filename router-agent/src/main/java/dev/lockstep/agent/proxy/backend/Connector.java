package dev.lockstep.agent.proxy.backend;

import dev.lockstep.agent.proxy.ProxyLoop;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ConnectTimeoutException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Opens connections to backends, to addresses that a backend may have. Confined to the event loop.
 */
final class Connector {

  /**
   * What is to be opened.
   *
   * @param key where to
   * @param timeout how long it may take, the look-up of a name aside
   * @param handler reads what comes
   * @param opened called when it stands
   * @param failed called when it does not
   */
  record Attempt(
      UpstreamPool.Key key,
      Duration timeout,
      Function<Channel, ? extends ChannelHandler> handler,
      Consumer<Channel> opened,
      Consumer<UpstreamPool.Failure> failed) {}

  private final ProxyLoop loop;

  Connector(ProxyLoop loop) {
    this.loop = loop;
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
                              () -> fail(attempt, UpstreamPool.Failure.UNREACHABLE)));
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
      fail(attempt, UpstreamPool.Failure.UNREACHABLE);
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
                channel.pipeline().addLast(attempt.handler.apply(channel));
              }
            })
        .connect(new InetSocketAddress(address, attempt.key.port()))
        .addListener(future -> opened((ChannelFuture) future, attempt));
  }

  private void opened(ChannelFuture future, Attempt attempt) {
    if (future.isSuccess()) {
      loop.meters().connected();
      attempt.opened.accept(future.channel());
    } else {
      boolean late = future.cause() instanceof ConnectTimeoutException;
      fail(attempt, late ? UpstreamPool.Failure.TIMEOUT : UpstreamPool.Failure.UNREACHABLE);
    }
  }

  private void fail(Attempt attempt, UpstreamPool.Failure failure) {
    loop.meters().connectFailed();
    attempt.failed.accept(failure);
  }
}
