package dev.lockstep.agent.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Bytes that have come and are not read yet. Not thread-safe: one per connection. */
public final class Unread {
  private @Nullable ByteBuf bytes;

  /** Takes over more bytes. */
  public void add(ByteBufAllocator allocator, ByteBuf more) {
    ByteBuf before = bytes;
    bytes =
        before == null
            ? more
            : ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(allocator, before, more);
  }

  /** {@return the bytes, to be read from} */
  public ByteBuf in() {
    ByteBuf known = bytes;
    return known == null ? Unpooled.EMPTY_BUFFER : known;
  }

  /** {@return whether there are none} */
  public boolean isEmpty() {
    return !in().isReadable();
  }

  /** Frees the memory if all has been read. */
  public void trim() {
    if (isEmpty()) {
      clear();
    }
  }

  /** Forgets everything. */
  public void clear() {
    take().ifPresent(ByteBuf::release);
  }

  /** {@return all of them; the caller releases it} */
  public Optional<ByteBuf> take() {
    ByteBuf taken = bytes;
    bytes = null;
    return Optional.ofNullable(taken);
  }
}
