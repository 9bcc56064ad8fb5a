package dev.lockstep.agent.proxy.server;

import dev.lockstep.agent.proxy.ProxySettings;
import dev.lockstep.agent.proxy.Transport;
import dev.lockstep.agent.proxy.client.Http1Client;
import dev.lockstep.agent.proxy.client.PriorKnowledge;
import dev.lockstep.agent.proxy.client.ProxiedArrival;
import dev.lockstep.agent.proxy.client.TlsNegotiation;
import dev.lockstep.agent.proxy.request.ClientAddress;
import dev.lockstep.agent.proxy.request.ClientClaims;
import dev.lockstep.agent.proxy.request.ClientConnection;
import dev.lockstep.agent.proxy.request.RequestGate;
import dev.lockstep.agent.proxy.request.Worker;
import dev.lockstep.agent.proxy.tls.SniSelector;
import dev.lockstep.core.config.Cidr;
import dev.lockstep.core.routing.SourceFilter;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannelRecvByteBufAllocator;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Accepts connections and gives each to the worker of its event loop. Thread-safe. */
final class Listeners {
  private static final Logger LOG = LoggerFactory.getLogger(Listeners.class);
  private static final int BACKLOG = 4096;

  /**
   * Connections that are accepted before others are served again. Netty accepts 16 by itself, and
   * one where sockets are waited for by epoll, because it takes the number of the socket for a
   * count of bytes: of 512 that come together the last would wait for seconds.
   */
  private static final int ACCEPTED_AT_ONCE = 256;

  private final ProxySettings settings;
  private final Transport transport;
  private final EventLoopGroup loops;
  private final Map<EventLoop, Worker> workers;

  /** Proxies in front of us, which say whom they bring; absent if there are none. */
  private final Optional<SourceFilter> proxies;

  private final AtomicInteger open = new AtomicInteger();
  private final List<Channel> bound = new CopyOnWriteArrayList<>();

  Listeners(
      ProxySettings settings,
      Transport transport,
      EventLoopGroup loops,
      Map<EventLoop, Worker> workers) {
    this.settings = settings;
    this.transport = transport;
    this.loops = loops;
    this.workers = workers;
    List<Cidr> from = settings.proxyProtocol().from();
    this.proxies =
        Optional.of(from).filter(it -> !it.isEmpty()).map(it -> SourceFilter.of(Optional.of(it)));
  }

  CompletionStage<List<InetSocketAddress>> bind(
      List<ProxySettings.Listen> addresses, ClientClaims.Scheme scheme) {
    List<CompletableFuture<InetSocketAddress>> binding = new ArrayList<>();
    for (ProxySettings.Listen address : addresses) {
      binding.add(bind(address, scheme));
    }
    return CompletableFuture.allOf(binding.toArray(CompletableFuture[]::new))
        .thenApply(_ -> binding.stream().map(CompletableFuture::join).toList());
  }

  private CompletableFuture<InetSocketAddress> bind(
      ProxySettings.Listen address, ClientClaims.Scheme scheme) {
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .group(loops)
            .channelFactory(transport.serverChannels())
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .option(ChannelOption.SO_REUSEADDR, true)
            .option(
                ChannelOption.RCVBUF_ALLOCATOR,
                new ServerChannelRecvByteBufAllocator()
                    .respectMaybeMoreData(false)
                    .maxMessagesPerRead(ACCEPTED_AT_ONCE))
            .childOption(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
            .childHandler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    accept(channel, scheme);
                  }
                });
    if (address.sharing() == ProxySettings.Listen.Sharing.SHARED) {
      bootstrap.option(transport.reusePort(), true);
    }
    CompletableFuture<InetSocketAddress> done = new CompletableFuture<>();
    bootstrap
        .bind(address.host(), address.port())
        .addListener(future -> bound((ChannelFuture) future, done));
    return done;
  }

  private void bound(ChannelFuture future, CompletableFuture<InetSocketAddress> done) {
    if (future.isSuccess()) {
      bound.add(future.channel());
      done.complete((InetSocketAddress) future.channel().localAddress());
    } else {
      done.completeExceptionally(future.cause());
    }
  }

  private void accept(Channel channel, ClientClaims.Scheme scheme) {
    Worker worker = workers.get(channel.eventLoop());
    if (worker == null) {
      throw new IllegalStateException("no worker for " + channel.eventLoop());
    }
    if (open.incrementAndGet() > settings.limits().connections()) {
      open.decrementAndGet();
      worker.meters().connectionRefused();
      LOG.debug("connection refused: limit={}", settings.limits().connections());
      channel.close();
      return;
    }
    channel.closeFuture().addListener(_ -> open.decrementAndGet());
    ClientAddress peer = ClientAddress.of(channel.remoteAddress());
    if (proxies.isPresent() && proxies.get().allows(peer.bytes())) {
      channel
          .pipeline()
          .addLast(
              new ProxiedArrival(
                  worker,
                  channel,
                  settings.proxyProtocol().header(),
                  client -> read(worker, channel, scheme, client)));
    } else {
      read(worker, channel, scheme, peer);
    }
  }

  private ClientConnection read(
      Worker worker, Channel channel, ClientClaims.Scheme scheme, ClientAddress client) {
    if (scheme == ClientClaims.Scheme.HTTPS) {
      TlsNegotiation negotiation = new TlsNegotiation(worker, channel, client);
      channel.pipeline().addLast(new SniSelector(worker::select, settings.timeouts().handshake()));
      channel.pipeline().addLast(negotiation);
      return negotiation.connection();
    }
    RequestGate gate = new RequestGate(worker, new ClientClaims(scheme, client), Optional.empty());
    if (settings.http2() == ProxySettings.Http2.CLEARTEXT) {
      PriorKnowledge knowledge = new PriorKnowledge(worker, channel, gate);
      channel.pipeline().addLast(knowledge);
      return knowledge.connection();
    }
    return Http1Client.addTo(channel, worker, gate);
  }

  /** Accepts no more. */
  CompletionStage<Void> close() {
    List<CompletableFuture<Void>> closing = new ArrayList<>();
    for (Channel channel : bound) {
      CompletableFuture<Void> closed = new CompletableFuture<>();
      channel.close().addListener(_ -> closed.complete(null));
      closing.add(closed);
    }
    return CompletableFuture.allOf(closing.toArray(CompletableFuture[]::new));
  }
}
