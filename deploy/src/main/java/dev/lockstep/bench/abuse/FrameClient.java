package dev.lockstep.bench.abuse;

import dev.lockstep.local.process.AnyCertificate;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/**
 * One HTTP/2 connection over TLS that sends the frames it is told to (RFC 9113 4.1), and throws
 * away what comes. Confined to one thread, but for the one that reads.
 */
final class FrameClient implements AutoCloseable {
  /** Types of frames, in the order of their numbers. */
  enum Type {
    DATA,
    HEADERS,
    PRIORITY,
    RST_STREAM,
    SETTINGS,
    PUSH_PROMISE,
    PING,
    GOAWAY,
    WINDOW_UPDATE,
    CONTINUATION
  }

  private static final int END_STREAM = 1;
  private static final int END_HEADERS = 4;
  private static final int INITIAL_WINDOW_SIZE = 4;
  private static final int TIMEOUT_MILLIS = 10_000;
  private static final byte[] PREFACE =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  private final SSLSocket socket;
  private final DataOutputStream out;
  private final byte[] request;
  private int lastStream = -1;
  private volatile boolean ended;

  private FrameClient(SSLSocket socket, byte[] request, int window) throws IOException {
    this.socket = socket;
    this.request = request;
    this.out = new DataOutputStream(new BufferedOutputStream(socket.getOutputStream()));
    out.write(PREFACE);
    ByteArrayOutputStream settings = new ByteArrayOutputStream();
    DataOutputStream writer = new DataOutputStream(settings);
    writer.writeShort(INITIAL_WINDOW_SIZE);
    writer.writeInt(window);
    send(Type.SETTINGS, 0, 0, settings.toByteArray());
    Thread.ofVirtual().start(this::throwAway);
  }

  /** Connects; each stream may get so many bytes. */
  static FrameClient connect(URI target, int window) {
    try {
      SSLSocket socket =
          (SSLSocket)
              AnyCertificate.accepted()
                  .getSocketFactory()
                  .createSocket(target.getHost(), target.getPort());
      socket.setSoTimeout(TIMEOUT_MILLIS);
      SSLParameters parameters = socket.getSSLParameters();
      parameters.setApplicationProtocols(new String[] {"h2"});
      socket.setSSLParameters(parameters);
      socket.startHandshake();
      return new FrameClient(socket, request(target), window);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot connect to " + target, e);
    }
  }

  private static byte[] request(URI target) {
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    String[] fields = {
      ":method",
      "GET",
      ":scheme",
      "https",
      ":path",
      target.getPath(),
      ":authority",
      target.getHost()
    };
    for (int i = 0; i < fields.length; i += 2) {
      block.write(0);
      for (String text : new String[] {fields[i], fields[i + 1]}) {
        block.write(text.length());
        block.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
      }
    }
    return block.toByteArray();
  }

  /** Asks for the target; {@return the stream} */
  int get() {
    lastStream += 2;
    send(Type.HEADERS, END_STREAM | END_HEADERS, lastStream, request);
    return lastStream;
  }

  /** Begins a request whose fields go on in other frames. */
  void open() {
    lastStream += 2;
    send(Type.HEADERS, END_STREAM, lastStream, request);
  }

  /** {@return the last stream that was begun; -1 before the first} */
  int lastStream() {
    return lastStream;
  }

  /** Sends a frame; the failure to do so is an end of the connection like any other. */
  void send(Type type, int flags, int stream, byte... payload) {
    try {
      out.writeByte(payload.length >> 16);
      out.writeShort(payload.length);
      out.writeByte(type.ordinal());
      out.writeByte(flags);
      out.writeInt(stream);
      out.write(payload);
      out.flush();
    } catch (IOException e) {
      ended = true;
    }
  }

  /** {@return whether the connection is over} */
  boolean ended() {
    return ended;
  }

  private void throwAway() {
    try (InputStream in = socket.getInputStream()) {
      byte[] some = new byte[16_384];
      while (in.read(some) >= 0) {
        // Nobody wants to know.
      }
    } catch (IOException e) {
      // Reset, or closed by us.
    }
    ended = true;
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
