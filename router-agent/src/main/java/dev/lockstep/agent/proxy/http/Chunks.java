package dev.lockstep.agent.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;

/** Writes the chunked coding (RFC 9112 7.1), one chunk per piece of data as it came. */
public final class Chunks {
  private static final ByteBuf END =
      Unpooled.unreleasableBuffer(Unpooled.directBuffer(2).writeByte('\r').writeByte('\n'))
          .asReadOnly();

  private Chunks() {}

  /** {@return what stands before so many bytes of data} */
  public static ByteBuf start(ByteBufAllocator allocator, int length) {
    ByteBuf out = allocator.buffer(10);
    out.writeCharSequence(Integer.toHexString(length), StandardCharsets.US_ASCII);
    return out.writeByte('\r').writeByte('\n');
  }

  /** {@return what stands after the data} */
  public static ByteBuf end() {
    return END.duplicate();
  }

  /** {@return the end of the body: the last chunk and the trailers} */
  public static ByteBuf last(ByteBufAllocator allocator, Trailers trailers) {
    ByteBuf out = allocator.buffer();
    out.writeByte('0').writeByte('\r').writeByte('\n');
    trailers.writeTo(out);
    return out.writeByte('\r').writeByte('\n');
  }
}
