package dev.lockstep.agent.proxy.http;

import io.netty.buffer.ByteBuf;

/**
 * Takes a body apart: data, trailers, end. Chunks are read strictly (RFC 9112 7.1) and written anew
 * by whoever passes the data on, so that no chunk extension or odd line end travels further. Not
 * thread-safe: one per direction of a connection, reused.
 */
public final class BodyReader {

  /** What the last call found. */
  public enum Progress {
    /** Needs bytes that have not come yet. */
    MORE,
    /** {@link BodyReader#length()} bytes of data are next in the buffer. */
    DATA,
    /** The body is whole. */
    END,
    /** Not a correct body. */
    FAULT
  }

  private enum State {
    DATA,
    CHUNK_SIZE,
    CHUNK_END,
    TRAILERS,
    DONE
  }

  private static final int MAX_SIZE_DIGITS = 15;
  private static final int MAX_SIZE_LINE = 256;

  /**
   * In one body: extensions are read over, so they must not be most of the work (RFC 9112 7.1.1).
   */
  private static final int MAX_EXTENSIONS = 16_384;

  private final Trailers trailers = new Trailers();
  private BodyFraming.Kind kind = BodyFraming.Kind.NONE;
  private State state = State.DONE;
  private int extensions;
  private long left;
  private int length;

  /** Begins a body. */
  public void start(BodyFraming framing) {
    kind = framing.kind();
    left = framing.length();
    extensions = 0;
    state =
        switch (kind) {
          case NONE -> State.DONE;
          case LENGTH -> left == 0 ? State.DONE : State.DATA;
          case UNTIL_CLOSE -> State.DATA;
          case CHUNKED -> State.CHUNK_SIZE;
        };
    trailers.reset(framing.options());
  }

  /** {@return whether all of it has been read} */
  public boolean isDone() {
    return state == State.DONE;
  }

  /** {@return whether the body ends with the connection} */
  public boolean endsWithConnection() {
    return kind == BodyFraming.Kind.UNTIL_CLOSE;
  }

  /** {@return how many bytes of data to take from the buffer after {@link Progress#DATA}} */
  public int length() {
    return length;
  }

  /** Reads on; after {@link Progress#DATA} the caller must take the data before the next call. */
  public Progress next(ByteBuf in) {
    while (true) {
      if (state == State.DONE) {
        return Progress.END;
      }
      if (!in.isReadable()) {
        return Progress.MORE;
      }
      if (state == State.DATA) {
        return data(in);
      }
      Progress progress =
          switch (state) {
            case CHUNK_SIZE -> chunkSize(in);
            case CHUNK_END -> chunkEnd(in);
            case TRAILERS -> trailers(in);
            case DATA, DONE -> throw new IllegalStateException("state: " + state);
          };
      if (progress != Progress.DATA) {
        return progress;
      }
    }
  }

  private Progress data(ByteBuf in) {
    if (kind == BodyFraming.Kind.UNTIL_CLOSE) {
      length = in.readableBytes();
      return Progress.DATA;
    }
    length = (int) Math.min(left, in.readableBytes());
    left -= length;
    if (left == 0) {
      state = kind == BodyFraming.Kind.CHUNKED ? State.CHUNK_END : State.DONE;
    }
    return Progress.DATA;
  }

  /** {@return {@link Progress#DATA} to go on with the next state} */
  private Progress chunkSize(ByteBuf in) {
    int start = in.readerIndex();
    int limit = Math.min(in.readableBytes(), MAX_SIZE_LINE);
    int lf = in.indexOf(start, start + limit, (byte) '\n');
    if (lf < 0) {
      return limit == MAX_SIZE_LINE ? Progress.FAULT : Progress.MORE;
    }
    int end = lf - 1;
    if (end <= start || in.getByte(end) != '\r' || !readSize(in, start, end)) {
      return Progress.FAULT;
    }
    in.readerIndex(lf + 1);
    state = left == 0 ? State.TRAILERS : State.DATA;
    return Progress.DATA;
  }

  private boolean readSize(ByteBuf in, int start, int end) {
    left = 0;
    int i = start;
    for (; i < end && Ascii.hex(in.getByte(i)) >= 0; i++) {
      left = left * 16 + Ascii.hex(in.getByte(i));
    }
    if (i == start || i - start > MAX_SIZE_DIGITS) {
      return false;
    }
    extensions += end - i;
    return extensions <= MAX_EXTENSIONS && ChunkExtensions.areCorrect(in, i, end);
  }

  private Progress chunkEnd(ByteBuf in) {
    if (in.getByte(in.readerIndex()) != '\r') {
      return Progress.FAULT;
    }
    if (in.readableBytes() < 2) {
      return Progress.MORE;
    }
    if (in.getByte(in.readerIndex() + 1) != '\n') {
      return Progress.FAULT;
    }
    in.skipBytes(2);
    state = State.CHUNK_SIZE;
    return Progress.DATA;
  }

  private Progress trailers(ByteBuf in) {
    return switch (trailers.read(in)) {
      case MORE -> Progress.MORE;
      case FAULT -> Progress.FAULT;
      case DONE -> {
        state = State.DONE;
        yield Progress.END;
      }
    };
  }

  /** {@return what followed the body; valid after {@link Progress#END}} */
  public Trailers trailers() {
    return trailers;
  }
}
