package dev.lockstep.agent.proxy;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.EventLoop;

/**
 * One event loop, and what everything that runs on it needs.
 *
 * @param executor the thread
 * @param settings how to behave
 * @param meters counters, shared with other loops
 * @param backendChannels makes sockets towards backends
 * @param seed of what it draws, another one for each loop of each replica
 */
public record ProxyLoop(
    EventLoop executor,
    ProxySettings settings,
    ProxyMeters meters,
    ChannelFactory<? extends Channel> backendChannels,
    long seed) {}
