package dev.lockstep.agent.proxy.client;

import dev.lockstep.agent.proxy.ProxySettings;
import dev.lockstep.agent.proxy.request.ClientAddress;
import dev.lockstep.agent.proxy.request.ClientConnection;
import dev.lockstep.agent.proxy.request.Worker;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import java.util.function.Function;

/**
 * A connection from a proxy in front of us until it is known whom it brings ({@link ProxyHeader}).
 * Until then nothing is answered: who writes a faulty header, or none where one must be, is no
 * client.
 *
 * <p>Confined to the event loop.
 */
public final class ProxiedArrival extends FirstBytes {
  private final Worker worker;
  private final ProxySettings.ProxyProtocol.Header header;
  private final Function<ClientAddress, ClientConnection> next;

  /** Reads the header of this channel, then lets this read on for that client. */
  public ProxiedArrival(
      Worker worker,
      Channel channel,
      ProxySettings.ProxyProtocol.Header header,
      Function<ClientAddress, ClientConnection> next) {
    super(worker, channel);
    this.worker = worker;
    this.header = header;
    this.next = next;
  }

  @Override
  void look(ChannelHandlerContext ctx, ByteBuf in) {
    switch (ProxyHeader.read(in)) {
      case ProxyHeader.Other.MORE -> {}
      case ProxyHeader.Other.FAULT -> refuse();
      case ProxyHeader.Other.NONE -> {
        if (header == ProxySettings.ProxyProtocol.Header.REQUIRED) {
          refuse();
        } else {
          makeWayFor(next.apply(peer()), ctx);
        }
      }
      case ProxyHeader.Client client ->
          makeWayFor(next.apply(ClientAddress.of(client.address())), ctx);
      case ProxyHeader.Nobody.PROXY_ITSELF -> makeWayFor(next.apply(peer()), ctx);
      case ProxyHeader.Nobody.UNKNOWN -> makeWayFor(next.apply(ClientAddress.UNKNOWN), ctx);
    }
  }

  private ClientAddress peer() {
    return ClientAddress.of(channel().remoteAddress());
  }

  @Override
  void refuse() {
    worker.meters().proxyHeaderRefused();
    super.refuse();
  }
}
