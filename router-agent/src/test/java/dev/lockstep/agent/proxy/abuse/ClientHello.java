package dev.lockstep.agent.proxy.abuse;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;

/**
 * The first message of a TLS client (RFC 8446 4.1.2), with no key in it: a server that likes one of
 * the groups of TLS 1.3 says which, and asks for a key (4.1.4). So it tells what it would agree to,
 * and no handshake needs to be finished.
 *
 * @param version that is offered, such as {@code 0x0304} for TLS 1.3
 * @param suites of ciphers, as numbers
 * @param groups of the key exchange, as numbers
 * @param serverName that is asked for
 */
record ClientHello(int version, List<Integer> suites, List<Integer> groups, String serverName) {
  static final int TLS_1_2 = 0x0303;
  static final int TLS_1_3 = 0x0304;

  private static final int TIMEOUT_MILLIS = 20_000;
  private static final int HANDSHAKE = 22;
  private static final int ALERT = 21;
  private static final int[] SIGNATURES = {
    0x0403, 0x0503, 0x0603, 0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601, 0x0201, 0x0203
  };

  /** What a server says to it. */
  sealed interface Reply {

    /**
     * It agrees.
     *
     * @param version that it chose
     * @param suite that it chose
     * @param group that it wants a key for; 0 with TLS 1.2
     */
    record Agreed(int version, int suite, int group) implements Reply {}

    /** It refuses with this alert. */
    record Refused(int alert) implements Reply {}
  }

  ClientHello {
    suites = List.copyOf(suites);
    groups = List.copyOf(groups);
  }

  /** {@return the same for another name} */
  ClientHello asking(String name) {
    return new ClientHello(version, suites, groups, name);
  }

  /** {@return the record that holds it} */
  byte[] bytes() {
    ByteBuf body = Unpooled.buffer();
    body.writeShort(Math.min(version, TLS_1_2)).writeZero(32);
    body.writeByte(32).writeZero(32);
    vector(body, out -> suites.forEach(out::writeShort));
    body.writeByte(1).writeByte(0);
    vector(body, this::writeExtensions);
    ByteBuf record = Unpooled.buffer();
    record.writeByte(HANDSHAKE).writeShort(0x0301).writeShort(body.readableBytes() + 4);
    record.writeByte(1).writeMedium(body.readableBytes()).writeBytes(body);
    byte[] bytes = new byte[record.readableBytes()];
    record.readBytes(bytes);
    return bytes;
  }

  private void writeExtensions(ByteBuf out) {
    extension(out, 0, it -> vector(it, list -> writeName(list.writeByte(0))));
    extension(out, 10, it -> vector(it, list -> groups.forEach(list::writeShort)));
    extension(out, 11, it -> it.writeByte(1).writeByte(0));
    extension(
        out,
        13,
        it ->
            vector(
                it,
                list -> {
                  for (int signature : SIGNATURES) {
                    list.writeShort(signature);
                  }
                }));
    if (version >= TLS_1_3) {
      extension(out, 43, it -> it.writeByte(2).writeShort(version));
      extension(out, 51, it -> it.writeShort(0));
    }
  }

  private void writeName(ByteBuf out) {
    vector(out, name -> name.writeCharSequence(serverName, StandardCharsets.US_ASCII));
  }

  private static void extension(ByteBuf out, int type, Consumer<ByteBuf> content) {
    vector(out.writeShort(type), content);
  }

  /** Writes what this writes, behind its length of two bytes. */
  private static void vector(ByteBuf out, Consumer<ByteBuf> content) {
    int at = out.writerIndex();
    content.accept(out.writeShort(0));
    out.setShort(at, out.writerIndex() - at - 2);
  }

  /** {@return what the server there says to it} */
  Reply sendTo(InetSocketAddress address) {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), address.getPort())) {
      socket.setSoTimeout(TIMEOUT_MILLIS);
      socket.getOutputStream().write(bytes());
      DataInputStream in = new DataInputStream(socket.getInputStream());
      int type = in.readUnsignedByte();
      in.readUnsignedShort();
      byte[] content = new byte[in.readUnsignedShort()];
      in.readFully(content);
      return type == ALERT ? new Reply.Refused(content[1]) : read(Unpooled.wrappedBuffer(content));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Reply read(ByteBuf hello) {
    int chosen = hello.skipBytes(4).readUnsignedShort();
    hello.skipBytes(32).skipBytes(hello.readUnsignedByte());
    int suite = hello.readUnsignedShort();
    hello.skipBytes(1);
    int group = 0;
    for (int left = hello.readUnsignedShort(); left > 0; ) {
      int type = hello.readUnsignedShort();
      ByteBuf content = hello.readSlice(hello.readUnsignedShort());
      left -= content.readableBytes() + 4;
      switch (type) {
        case 43 -> chosen = content.readUnsignedShort();
        case 51 -> group = content.readUnsignedShort();
        default -> {}
      }
    }
    return new Reply.Agreed(chosen, suite, group);
  }
}
