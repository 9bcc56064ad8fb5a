package dev.lockstep.agent.proxy.request;

import dev.lockstep.agent.proxy.DeadlineTimer;
import dev.lockstep.agent.proxy.Seeing;
import dev.lockstep.core.config.Version;
import io.netty.channel.EventLoop;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Requests that wait for a version which this event loop does not serve yet, each for a short time,
 * and never more than so many: whoever may send a request may send one that waits.
 *
 * <p>Confined to the event loop.
 */
final class VersionWaits {
  private final EventLoop loop;
  private final Seeing.MinVersion settings;
  private final Set<Exchange> waiting = new LinkedHashSet<>();
  private Version served = Version.NONE;

  VersionWaits(EventLoop loop, Seeing.MinVersion settings) {
    this.loop = loop;
    this.settings = settings;
  }

  /** {@return whether the request names no version, or one that is served here, or an older one} */
  boolean isServed(Exchange exchange) {
    return served.isAtLeast(asked(exchange));
  }

  private static Version asked(Exchange exchange) {
    return exchange.request().extras().minVersion().orElse(Version.NONE);
  }

  /** {@return whether there was room for one more; its timer says when it has waited enough} */
  boolean add(Exchange exchange, DeadlineTimer timer) {
    boolean room = waiting.size() < settings.waiting();
    if (room) {
      waiting.add(exchange);
      timer.set(settings.longest());
    }
    return room;
  }

  /** {@return whether it was still waiting} */
  boolean remove(Exchange exchange) {
    return waiting.remove(exchange);
  }

  /** This version is served from the next request on. */
  void served(Version version) {
    served = version;
    if (!waiting.isEmpty()) {
      // Not now: a version is acked when it is served, whatever becomes of those who waited.
      loop.execute(this::release);
    }
  }

  /** Lets those go on whose version is served, in the order of their coming. */
  private void release() {
    for (Exchange exchange : List.copyOf(waiting)) {
      // One that went on may have ended another, if both belong to one connection.
      if (isServed(exchange) && remove(exchange)) {
        exchange.versionServed();
      }
    }
  }
}
