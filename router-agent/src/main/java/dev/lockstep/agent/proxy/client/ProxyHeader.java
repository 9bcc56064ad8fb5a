package dev.lockstep.agent.proxy.client;

import dev.lockstep.core.config.IpAddress;
import io.netty.buffer.ByteBuf;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * Reads the header of the PROXY protocol, versions 1 and 2 (HAProxy's {@code proxy-protocol.txt},
 * revision of 2020-03-05): who has connected to the proxy in front of us. Forms that the text does
 * not have are faults, for only a machine that was told to writes such a header.
 */
final class ProxyHeader {

  /** What the bytes at hand are. */
  sealed interface Reading {}

  /** Nothing that says who the client is. */
  enum Other implements Reading {
    /** The beginning of a header, perhaps. */
    MORE,
    /** Something else, nothing of which has been read. */
    NONE,
    /** A header that is not as it must be. */
    FAULT
  }

  /** A whole header, which has been read. */
  sealed interface Whole extends Reading {}

  /**
   * The client is there.
   *
   * @param address an IPv4 or IPv6 address
   */
  record Client(InetAddress address) implements Whole {}

  /** A header without an address. */
  enum Nobody implements Whole {
    /** The proxy itself has connected, for instance to see whether we live. */
    PROXY_ITSELF,
    /** Somebody of whom the proxy does not know the address, or none that has one. */
    UNKNOWN
  }

  /** The longest line of version 1, CR LF included. */
  private static final int LONGEST_LINE = 107;

  /** What version 2 may have: 36 bytes of addresses, and more to say than anybody says. */
  private static final int LONGEST_BLOCK = 4096;

  private static final byte[] LINE = "PROXY ".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] SIGNATURE = {
    '\r', '\n', '\r', '\n', 0, '\r', '\n', 'Q', 'U', 'I', 'T', '\n'
  };

  private static final int FIXED = 16; // Signature, version and command, family, length.
  private static final int PORT = 65_535;

  private ProxyHeader() {}

  /** Reads the header from these bytes, if they begin with a whole one. */
  static Reading read(ByteBuf in) {
    if (begins(in, LINE)) {
      return in.readableBytes() < LINE.length ? Other.MORE : line(in);
    }
    if (begins(in, SIGNATURE)) {
      return in.readableBytes() < FIXED ? Other.MORE : block(in);
    }
    return Other.NONE;
  }

  private static boolean begins(ByteBuf in, byte[] with) {
    int known = Math.min(in.readableBytes(), with.length);
    for (int i = 0; i < known; i++) {
      if (in.getByte(in.readerIndex() + i) != with[i]) {
        return false;
      }
    }
    return true;
  }

  // Version 1.

  private static Reading line(ByteBuf in) {
    int known = Math.min(in.readableBytes(), LONGEST_LINE);
    int lineFeed = in.indexOf(in.readerIndex(), in.readerIndex() + known, (byte) '\n');
    if (lineFeed < 0) {
      return known < LONGEST_LINE ? Other.MORE : Other.FAULT;
    }
    int length = lineFeed - in.readerIndex();
    String line = in.toString(in.readerIndex(), length, StandardCharsets.ISO_8859_1);
    Reading reading = line(line);
    if (reading instanceof Whole) {
      in.readerIndex(lineFeed + 1);
    }
    return reading;
  }

  private static Reading line(String line) {
    if (!line.endsWith("\r") || line.indexOf('\r') < line.length() - 1) {
      return Other.FAULT;
    }
    String text = line.substring(0, line.length() - 1);
    if (text.equals("PROXY UNKNOWN") || text.startsWith("PROXY UNKNOWN ")) {
      return Nobody.UNKNOWN; // What follows must be ignored.
    }
    String[] words = text.split(" ", -1);
    boolean whole = words.length == 6 && isPort(words[4]) && isPort(words[5]);
    if (!whole) {
      return Other.FAULT;
    }
    return switch (words[1]) {
      case "TCP4" -> addresses(words, 4);
      case "TCP6" -> addresses(words, 16);
      default -> Other.FAULT;
    };
  }

  private static Reading addresses(String[] words, int bytes) {
    Optional<byte[]> source = IpAddress.parse(words[2]).filter(a -> a.length == bytes);
    Optional<byte[]> destination = IpAddress.parse(words[3]).filter(a -> a.length == bytes);
    return source.isPresent() && destination.isPresent() ? client(source.get()) : Other.FAULT;
  }

  /** Digits alone, and no zero before others. */
  private static boolean isPort(String text) {
    boolean digits =
        !text.isEmpty() && text.length() <= 5 && text.chars().allMatch(c -> c >= '0' && c <= '9');
    return digits
        && (text.length() == 1 || text.charAt(0) != '0')
        && Integer.parseInt(text) <= PORT;
  }

  // Version 2.

  private static Reading block(ByteBuf in) {
    int at = in.readerIndex();
    int length = in.getUnsignedShort(at + 14);
    if (length > LONGEST_BLOCK) {
      return Other.FAULT;
    }
    if (in.readableBytes() < FIXED + length) {
      return Other.MORE;
    }
    ByteBuf block = in.slice(at, FIXED + length);
    Reading reading =
        switch (in.getUnsignedByte(at + 12)) {
          case 0x20 -> Nobody.PROXY_ITSELF; // LOCAL: the rest must be ignored.
          case 0x21 -> proxied(block);
          default -> Other.FAULT;
        };
    if (reading instanceof Whole) {
      in.skipBytes(FIXED + length);
    }
    return reading;
  }

  private static Reading proxied(ByteBuf block) {
    return switch (block.getUnsignedByte(13)) {
      case 0x00 -> Nobody.UNKNOWN; // UNSPEC: the rest must be ignored.
      case 0x11 -> addresses(block, 4, 12);
      case 0x21 -> addresses(block, 16, 36);
      case 0x31 -> isSound(block, 216) ? Nobody.UNKNOWN : Other.FAULT; // A UNIX socket.
      default -> Other.FAULT; // Datagrams do not come over a stream.
    };
  }

  private static Reading addresses(ByteBuf block, int addressBytes, int allBytes) {
    if (!isSound(block, allBytes)) {
      return Other.FAULT;
    }
    byte[] source = new byte[addressBytes];
    block.getBytes(FIXED, source);
    return client(source);
  }

  /**
   * {@return whether what follows so many bytes of addresses is a correct list of further facts}
   */
  private static boolean isSound(ByteBuf block, int addressBytes) {
    int at = FIXED + addressBytes;
    int checksumAt = -1;
    while (at < block.writerIndex()) {
      if (block.writerIndex() - at < 3) {
        return false;
      }
      boolean checksum = block.getUnsignedByte(at) == 0x03;
      int length = block.getUnsignedShort(at + 1);
      if (checksum && (checksumAt >= 0 || length != 4)) {
        return false;
      }
      checksumAt = checksum ? at + 3 : checksumAt;
      at += 3 + length;
    }
    return at == block.writerIndex() && (checksumAt < 0 || isIntact(block, checksumAt));
  }

  /** The checksum is that of the whole header with zeros in its place. */
  private static boolean isIntact(ByteBuf block, int checksumAt) {
    byte[] bytes = new byte[block.writerIndex()];
    block.getBytes(0, bytes);
    for (int i = 0; i < 4; i++) {
      bytes[checksumAt + i] = 0;
    }
    CRC32C sum = new CRC32C();
    sum.update(bytes);
    return sum.getValue() == block.getUnsignedInt(checksumAt);
  }

  private static Client client(byte[] address) {
    try {
      return new Client(InetAddress.getByAddress(address));
    } catch (UnknownHostException e) {
      throw new IllegalStateException("4 or 16 bytes are an address", e);
    }
  }
}
