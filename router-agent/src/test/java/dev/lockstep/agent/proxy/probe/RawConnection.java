package dev.lockstep.agent.proxy.probe;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;

/** A client that knows no HTTP: it sends bytes and tells which bytes came. */
final class RawConnection implements AutoCloseable {
  private static final int TIMEOUT_MILLIS = 30_000;

  private final Socket socket;
  private final InputStream in;

  RawConnection(int port) {
    try {
      socket = new Socket(InetAddress.getLoopbackAddress(), port);
      socket.setSoTimeout(TIMEOUT_MILLIS);
      socket.setTcpNoDelay(true);
      in = new BufferedInputStream(socket.getInputStream());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void send(String text) {
    try {
      socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
      socket.getOutputStream().flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** {@return that many bytes, fewer if the connection ends before} */
  String read(int bytes) {
    try {
      return text(in.readNBytes(bytes));
    } catch (IOException e) {
      return "[" + e.getMessage() + "]";
    }
  }

  /** {@return everything up to the end of the connection, with a mark if there is no end} */
  String readToEnd() {
    return readTo("\0no answer ends like this");
  }

  /** {@return everything up to this text, with a mark if neither it nor the end comes} */
  String readTo(String end) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      for (int c = in.read(); c >= 0; c = in.read()) {
        bytes.write(c);
        if (c == end.charAt(end.length() - 1) && text(bytes.toByteArray()).endsWith(end)) {
          break;
        }
      }
      return text(bytes.toByteArray());
    } catch (SocketTimeoutException e) {
      return text(bytes.toByteArray()) + "[silence]";
    } catch (IOException e) {
      // A reset is an end, too.
      return text(bytes.toByteArray());
    }
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
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
