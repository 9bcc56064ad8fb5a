package dev.lockstep.agent.proxy.client;

import dev.lockstep.agent.proxy.request.ClientConnection;
import dev.lockstep.agent.proxy.request.Worker;
import io.netty.channel.Channel;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A client's connection as long as nobody knows which protocol it speaks. Confined to the event
 * loop.
 */
final class Arrival implements ClientConnection {
  private final Worker worker;
  private final Channel channel;
  private @Nullable ClientConnection successor;
  private boolean retiring;
  private long retiresAt;

  /** Owned by this worker from now on. */
  Arrival(Worker worker, Channel channel) {
    this.worker = worker;
    this.channel = channel;
    worker.add(this);
    channel.closeFuture().addListener(_ -> worker.remove(this));
  }

  /** Makes way for this one, which has added itself to the worker already. */
  void becomes(ClientConnection next) {
    successor = next;
    worker.remove(this);
    if (retiring) {
      next.retire(Math.max(0, retiresAt - System.nanoTime()));
    }
  }

  @Override
  public void retire(long nanos) {
    retiring = true;
    retiresAt = System.nanoTime() + nanos;
    worker.loop().schedule(this::closeIfStillHere, nanos, TimeUnit.NANOSECONDS);
  }

  private void closeIfStillHere() {
    if (successor == null) {
      channel.close();
    }
  }

  @Override
  public void abort() {
    channel.close();
  }
}
