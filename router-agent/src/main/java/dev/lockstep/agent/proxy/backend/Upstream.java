package dev.lockstep.agent.proxy.backend;

import dev.lockstep.agent.proxy.http.Trailers;
import io.netty.buffer.ByteBuf;

/**
 * A way to a backend for one request at a time. What comes back is handed to the {@link Asker}.
 *
 * <p>All methods are called on its event loop.
 */
public interface Upstream {

  /** Belongs to this asker from now on, and sends the head of its request. */
  void begin(Asker by);

  /** Sends a part of the request's body. */
  void data(ByteBuf data);

  /** Sends the end of a request that has a body. */
  void end(Trailers trailers);

  /** {@return whether more of the body can be sent now} */
  boolean isWritable();

  /** {@return whether other requests were sent before this one: it may have been closed since} */
  boolean isReused();

  /** Sends what has been written. */
  void flush();

  /** Reads no more until {@link #resumeReading}: the client does not keep up. */
  void pauseReading();

  /** Reads again. */
  void resumeReading();

  /** Is free again after a whole response; waits for another request if it can take one. */
  void release(boolean requestWasWhole);

  /** Waits for a request, none having been sent. */
  void park();

  /** Ends; the asker hears nothing more of it. */
  void close();
}
