package dev.lockstep.agent.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;

/**
 * Lets the parser read an answer that comes in pieces, and tells what it read. Used again and
 * again.
 */
final class AnswerRun {
  private final ResponseHead response = new ResponseHead();
  private final RequestHead get = request("GET");
  private final RequestHead head = request("HEAD");

  private static RequestHead request(String method) {
    RequestHead request = new RequestHead(HeadLimits.STANDARD);
    String text = method + " / HTTP/1.1\r\nHost: a\r\n\r\n";
    request.reset();
    request.read(Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII));
    return request;
  }

  /** {@return what comes of these bytes; the last piece ends at their end} */
  String describe(byte[] bytes, int[] ends, boolean toHead) {
    ByteBuf in = Unpooled.wrappedBuffer(bytes).writerIndex(0);
    response.reset();
    int piece = 0;
    Head.Progress progress = Head.Progress.MORE;
    while (progress == Head.Progress.MORE && piece < ends.length) {
      in.writerIndex(ends[piece++]);
      progress = response.read(in);
    }
    if (progress != Head.Progress.DONE) {
      return progress.name();
    }
    String kind = response.framing(toHead ? head : get).kind().name();
    ByteBuf out = Unpooled.buffer(256);
    response.writeTo(out);
    return Description.of(in.readerIndex(), Integer.toString(response.status()), kind)
        + Description.flags(
            response.keepsAlive(), response.upgradesToWebSocket(), response.isInterim())
        + "\n"
        + out.toString(StandardCharsets.ISO_8859_1);
  }
}
