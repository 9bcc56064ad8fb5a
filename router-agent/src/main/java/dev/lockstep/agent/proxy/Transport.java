package dev.lockstep.agent.proxy;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.unix.UnixChannelOption;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.StandardSocketOptions;

/** How sockets are waited for. */
public enum Transport {
  /** Linux, through Netty's native library. */
  EPOLL,
  /** Everywhere else, and where the library cannot be loaded. */
  NIO;

  /** {@return the best that this machine has} */
  public static Transport best() {
    return Epoll.isAvailable() ? EPOLL : NIO;
  }

  /** {@return so many event loops} */
  public EventLoopGroup loops(int count) {
    DefaultThreadFactory threads = new DefaultThreadFactory("proxy", true);
    return switch (this) {
      case EPOLL -> new MultiThreadIoEventLoopGroup(count, threads, EpollIoHandler.newFactory());
      case NIO -> new MultiThreadIoEventLoopGroup(count, threads, NioIoHandler.newFactory());
    };
  }

  /** {@return makes sockets that listen} */
  public ChannelFactory<? extends ServerChannel> serverChannels() {
    return switch (this) {
      case EPOLL -> EpollServerSocketChannel::new;
      case NIO -> NioServerSocketChannel::new;
    };
  }

  /** {@return makes sockets that connect} */
  public ChannelFactory<? extends Channel> channels() {
    return switch (this) {
      case EPOLL -> EpollSocketChannel::new;
      case NIO -> NioSocketChannel::new;
    };
  }

  /** {@return the option by which processes share a port} */
  public ChannelOption<Boolean> reusePort() {
    return switch (this) {
      case EPOLL -> UnixChannelOption.SO_REUSEPORT;
      case NIO -> NioChannelOption.of(StandardSocketOptions.SO_REUSEPORT);
    };
  }
}
