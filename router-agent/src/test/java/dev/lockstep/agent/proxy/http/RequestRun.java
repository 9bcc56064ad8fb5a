package dev.lockstep.agent.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.charset.StandardCharsets;

/**
 * Lets the parsers read a request that comes in pieces, and tells what they read. Used again and
 * again.
 */
final class RequestRun {
  private static final ByteBufAllocator ON_HEAP = new UnpooledByteBufAllocator(false);

  private final RequestHead request;
  private final BodyReader body = new BodyReader();

  RequestRun(HeadLimits limits) {
    request = new RequestHead(limits);
  }

  RequestHead request() {
    return request;
  }

  /**
   * {@return what comes of these bytes}
   *
   * @param ends where the pieces end, ascending, the last one at the end of the bytes
   */
  String describe(byte[] bytes, int[] ends) {
    ByteBuf in = Unpooled.wrappedBuffer(bytes).writerIndex(0);
    request.reset();
    int piece = 0;
    Head.Progress progress = Head.Progress.MORE;
    while (progress == Head.Progress.MORE && piece < ends.length) {
      in.writerIndex(ends[piece++]);
      progress = request.read(in);
    }
    return switch (progress) {
      case MORE -> "MORE";
      case FAULT -> Integer.toString(request.fault().status());
      case DONE -> describeHead(in.readerIndex()) + describeBody(in, ends, piece);
    };
  }

  private String describeHead(int length) {
    ByteBuf out = Unpooled.buffer(256);
    request.writeLineTo(out);
    request.writeFieldsTo(out);
    return Description.of(length, request.authority().text(), request.target().toString())
        + Description.flags(
            request.keepsAlive(), request.upgradesToWebSocket(), request.expectsContinue())
        + (request.isHttp11() ? " http11" : "")
        + (request.isReplayable() ? " replayable" : "")
        + "\n"
        + text(out);
  }

  private String describeBody(ByteBuf in, int[] ends, int next) {
    if (request.framing().kind() != BodyFraming.Kind.CHUNKED) {
      return "";
    }
    body.start(request.framing());
    StringBuilder data = new StringBuilder();
    int piece = next;
    while (true) {
      BodyReader.Progress progress = body.next(in);
      if (progress == BodyReader.Progress.DATA) {
        data.append(text(in.readSlice(body.length())));
      } else if (progress == BodyReader.Progress.MORE && piece < ends.length) {
        in.writerIndex(ends[piece++]);
      } else if (progress == BodyReader.Progress.END) {
        in.writerIndex(ends[ends.length - 1]);
        ByteBuf out = Chunks.last(ON_HEAP, body.trailers());
        return Description.body("END", data.toString(), text(out) + "left=" + in.readableBytes());
      } else {
        return Description.body(progress.name(), data.toString(), "");
      }
    }
  }

  private static String text(ByteBuf bytes) {
    return bytes.toString(StandardCharsets.ISO_8859_1);
  }
}
