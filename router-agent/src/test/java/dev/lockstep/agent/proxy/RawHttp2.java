package dev.lockstep.agent.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersDecoder;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.PushbackInputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** An HTTP/2 client that sends exactly the frames it is told to, correct or not. */
public final class RawHttp2 implements AutoCloseable {
  public static final int DATA = 0;
  public static final int HEADERS = 1;
  public static final int RST_STREAM = 3;
  public static final int SETTINGS = 4;
  public static final int PING = 6;
  public static final int GOAWAY = 7;
  public static final int WINDOW_UPDATE = 8;
  public static final int CONTINUATION = 9;

  public static final int END_STREAM = 1;
  public static final int ACK = 1;
  public static final int END_HEADERS = 4;

  private static final int MOMENT_MILLIS = 20;

  private static final byte[] PREFACE =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  /**
   * A frame that came.
   *
   * @param fields of HEADERS, in their order; otherwise empty
   */
  public record Frame(int type, int flags, int stream, byte[] payload, Map<String, String> fields) {

    /** {@return the error code of RST_STREAM and GOAWAY} */
    public int error() {
      int at = type == GOAWAY ? 4 : 0;
      return Unpooled.wrappedBuffer(payload).getInt(at);
    }

    public boolean endsStream() {
      return (type == DATA || type == HEADERS) && (flags & END_STREAM) != 0;
    }

    public String text() {
      return new String(payload, StandardCharsets.UTF_8);
    }
  }

  /**
   * What came of a request.
   *
   * @param reset the error code of the reset that ended it; -1 if it ended well
   */
  public record Result(
      Map<String, String> head, String body, Map<String, String> trailers, int reset) {

    public int status() {
      return Integer.parseInt(head.getOrDefault(":status", "0"));
    }
  }

  private final Socket socket;
  private final PushbackInputStream ahead;
  private final DataInputStream in;
  private final DataOutputStream out;
  private final Http2HeadersDecoder decoder = new DefaultHttp2HeadersDecoder(false);
  private final List<Frame> seen = new ArrayList<>();
  private @Nullable ByteArrayOutputStream together;
  private int next = 1;

  /** Speaks over this socket, settings first, that they give such a window to each stream. */
  public RawHttp2(Socket socket, int window) {
    try {
      this.socket = socket;
      this.ahead = new PushbackInputStream(socket.getInputStream());
      this.in = new DataInputStream(ahead);
      this.out = new DataOutputStream(socket.getOutputStream());
      out.write(PREFACE);
      ByteBuf settings = Unpooled.buffer().writeShort(4).writeInt(window);
      send(SETTINGS, 0, 0, bytes(settings));
      send(SETTINGS, ACK, 0, new byte[0]);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public RawHttp2(Socket socket) {
    this(socket, 65_535);
  }

  private static byte[] bytes(ByteBuf buffer) {
    byte[] bytes = new byte[buffer.readableBytes()];
    buffer.readBytes(bytes);
    return bytes;
  }

  public void send(int type, int flags, int stream, byte[] payload) {
    try {
      ByteArrayOutputStream frame = new ByteArrayOutputStream();
      DataOutputStream head = new DataOutputStream(frame);
      head.writeByte(payload.length >> 16);
      head.writeShort(payload.length);
      head.writeByte(type);
      head.writeByte(flags);
      head.writeInt(stream);
      head.write(payload);
      ByteArrayOutputStream piece = together;
      if (piece == null) {
        out.write(frame.toByteArray());
        out.flush();
      } else {
        piece.writeBytes(frame.toByteArray());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Sends all frames that this writes in one piece, which arrives as one. */
  public void together(Runnable write) {
    ByteArrayOutputStream piece = new ByteArrayOutputStream();
    together = piece;
    write.run();
    together = null;
    try {
      out.write(piece.toByteArray());
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** {@return fields as names and values in turn, none of them compressed} */
  public static byte[] block(String... fields) {
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    for (int i = 0; i < fields.length; i += 2) {
      block.write(0);
      literal(block, fields[i]);
      literal(block, fields[i + 1]);
    }
    return block.toByteArray();
  }

  private static void literal(ByteArrayOutputStream block, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    if (bytes.length < 127) {
      block.write(bytes.length);
    } else {
      block.write(127);
      int rest = bytes.length - 127;
      for (; rest >= 128; rest >>= 7) {
        block.write(rest & 127 | 128);
      }
      block.write(rest);
    }
    block.writeBytes(bytes);
  }

  /** {@return the stream of a request whose head is sent} */
  public int open(int flags, String... fields) {
    int stream = next;
    next += 2;
    send(HEADERS, flags | END_HEADERS, stream, block(fields));
    return stream;
  }

  public int get(String host, String path) {
    return open(
        END_STREAM, ":method", "GET", ":scheme", "https", ":path", path, ":authority", host);
  }

  public int post(String host, String... more) {
    List<String> fields =
        new ArrayList<>(
            List.of(":method", "POST", ":scheme", "https", ":path", "/", ":authority", host));
    fields.addAll(List.of(more));
    return open(0, fields.toArray(String[]::new));
  }

  public void data(int stream, String text, int flags) {
    send(DATA, flags, stream, text.getBytes(StandardCharsets.UTF_8));
  }

  public void widen(int stream, int bytes) {
    send(WINDOW_UPDATE, 0, stream, bytes(Unpooled.buffer().writeInt(bytes)));
  }

  /** {@return the next frame} Fails when the connection ends. */
  public Frame read() {
    try {
      int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
      int type = in.readUnsignedByte();
      int flags = in.readUnsignedByte();
      int stream = in.readInt();
      byte[] payload = in.readNBytes(length);
      Map<String, String> fields = type == HEADERS ? decode(stream, payload) : Map.of();
      Frame frame = new Frame(type, flags, stream, payload, fields);
      seen.add(frame);
      return frame;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** {@return whether something comes within a moment} */
  public boolean hasInput() {
    try {
      if (in.available() > 0) {
        return true;
      }
      int patience = socket.getSoTimeout();
      socket.setSoTimeout(MOMENT_MILLIS);
      try {
        int first = ahead.read();
        if (first >= 0) {
          ahead.unread(first);
        }
        return true;
      } catch (SocketTimeoutException e) {
        return false;
      } finally {
        socket.setSoTimeout(patience);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Map<String, String> decode(int stream, byte[] block) {
    try {
      Http2Headers headers = decoder.decodeHeaders(stream, Unpooled.wrappedBuffer(block));
      Map<String, String> fields = new TreeMap<>();
      headers.forEach(field -> fields.put(field.getKey().toString(), field.getValue().toString()));
      return fields;
    } catch (Http2Exception e) {
      throw new AssertionError(e);
    }
  }

  public void readWhatIsThere() {
    while (hasInput()) {
      read();
    }
  }

  public boolean hasSeen(int type) {
    return seen.stream().anyMatch(frame -> frame.type() == type);
  }

  /** {@return the first frame of this type that comes, or has come} */
  public Frame await(int type) {
    while (!hasSeen(type)) {
      read();
    }
    return seen.stream().filter(frame -> frame.type() == type).findFirst().orElseThrow();
  }

  /** Reads until the body of the answer on this stream has come so far. */
  public void awaitBody(int stream, String end) {
    while (!body(stream).endsWith(end)) {
      read();
    }
  }

  private String body(int stream) {
    StringBuilder body = new StringBuilder();
    seen.stream()
        .filter(frame -> frame.stream() == stream && frame.type() == DATA)
        .forEach(frame -> body.append(frame.text()));
    return body.toString();
  }

  /** {@return what came of the request of this stream, once it is over} */
  public Result result(int stream) {
    while (seen.stream().noneMatch(frame -> isEnd(frame, stream))) {
      read();
    }
    Map<String, String> head = Map.of();
    Map<String, String> trailers = Map.of();
    int reset = -1;
    for (Frame frame : seen.stream().filter(it -> it.stream() == stream).toList()) {
      switch (frame.type()) {
        case HEADERS -> {
          boolean first = frame.fields().containsKey(":status");
          head = first ? frame.fields() : head;
          trailers = first ? trailers : frame.fields();
        }
        case RST_STREAM -> reset = frame.error();
        default -> {}
      }
    }
    return new Result(head, body(stream), trailers, reset);
  }

  /** {@return the fields that have come on this stream, block after block} */
  public List<Map<String, String>> blocks(int stream) {
    return seen.stream()
        .filter(frame -> frame.stream() == stream && frame.type() == HEADERS)
        .map(Frame::fields)
        .toList();
  }

  /** {@return what came of the request of this stream, once it is reset, however it ended} */
  public Result outcome(int stream) {
    while (seen.stream().noneMatch(it -> it.stream() == stream && it.type() == RST_STREAM)) {
      read();
    }
    return result(stream);
  }

  /** {@return how much more may be sent on this stream than the last call has told} */
  public long takeWindow(int stream) {
    List<Frame> updates =
        seen.stream()
            .filter(frame -> frame.stream() == stream && frame.type() == WINDOW_UPDATE)
            .toList();
    seen.removeAll(updates);
    return updates.stream().mapToLong(it -> Unpooled.wrappedBuffer(it.payload()).getInt(0)).sum();
  }

  private static boolean isEnd(Frame frame, int stream) {
    return frame.stream() == stream && (frame.endsStream() || frame.type() == RST_STREAM);
  }

  /** {@return whether the server has ended the connection, after all that it had to say} */
  public boolean isClosedByServer() {
    try {
      while (true) {
        read();
      }
    } catch (UncheckedIOException e) {
      return e.getCause() instanceof EOFException || e.getCause() instanceof SocketException;
    }
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
