package dev.lockstep.agent.proxy.http;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * The fields behind a body. Framing, routing and claims about the client have no place there, and
 * are never passed on (RFC 9110 6.5.1), nor what the head said to end at this hop (RFC 9110 7.6.1).
 * Not thread-safe: one per direction of a request, reused.
 */
public final class Trailers {
  private static final HeadLimits LIMITS = new HeadLimits(64, 8192, 32);

  private final Head head = new Head(LIMITS, new NoRules());
  private ConnectionOptions options = new ConnectionOptions();

  /** Forgets them; no head named any to end here. */
  public void reset() {
    reset(new ConnectionOptions());
  }

  /** Forgets them; the next ones follow a head that said this. */
  void reset(ConnectionOptions said) {
    head.reset();
    options = said;
  }

  /** Reads fields and the empty line that ends them. */
  public Head.Progress read(ByteBuf in) {
    return head.readFieldsOnly(in);
  }

  /** {@return whether there is nothing to pass on} */
  public boolean isEmpty() {
    for (int i = 0; i < head.count(); i++) {
      if (passes(i)) {
        return false;
      }
    }
    return true;
  }

  /** Writes the fields that may pass, without the empty line that ends them. */
  public void writeTo(ByteBuf out) {
    for (int i = 0; i < head.count(); i++) {
      if (passes(i)) {
        head.writeLineTo(out, i);
      }
    }
  }

  /** Hands on the fields that may pass. */
  public void sendTo(FieldSink sink) {
    for (int i = 0; i < head.count(); i++) {
      if (passes(i)) {
        head.sendTo(sink, i);
      }
    }
  }

  private boolean passes(int field) {
    return head.name(field) == FieldName.OTHER && !options.nominates(head, field);
  }

  private static final class NoRules implements Head.Rules {

    @Override
    public boolean skipsEmptyLine() {
      return false;
    }

    @Override
    public @Nullable Fault startLine(Head head, int start, int end) {
      throw new IllegalStateException("trailers have no first line");
    }

    @Override
    public @Nullable Fault fields(Head head) {
      return null;
    }
  }
}
