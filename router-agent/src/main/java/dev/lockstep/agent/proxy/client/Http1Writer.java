package dev.lockstep.agent.proxy.client;

import dev.lockstep.agent.proxy.http.BodyFraming;
import dev.lockstep.agent.proxy.http.Chunks;
import dev.lockstep.agent.proxy.http.RequestHead;
import dev.lockstep.agent.proxy.http.ResponseHead;
import dev.lockstep.agent.proxy.http.Trailers;
import dev.lockstep.agent.proxy.request.Answer;
import dev.lockstep.agent.proxy.request.Notes;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import java.nio.charset.StandardCharsets;
import java.util.function.BooleanSupplier;

/** Writes the responses of one HTTP/1 connection. Confined to the event loop. */
final class Http1Writer {
  private final Channel channel;
  private final Notes notes;
  private final RequestHead request;
  private final BooleanSupplier last;
  private boolean chunked;

  /** Writes answers to what this request asks at the moment, and whether they are the last. */
  Http1Writer(Channel channel, Notes notes, RequestHead request, BooleanSupplier last) {
    this.channel = channel;
    this.notes = notes;
    this.request = request;
    this.last = last;
  }

  /** Lets the client send its body. */
  void goOn() {
    ByteBuf out = channel.alloc().buffer();
    ascii(out, "HTTP/1.1 100 Continue\r\n\r\n");
    channel.writeAndFlush(out, channel.voidPromise());
  }

  /** Passes a hint on, unless it would be taken for the response (RFC 9110 15.2). */
  void interim(ResponseHead response) {
    if (!request.isHttp11()) {
      return;
    }
    notes.passesOn(response.status());
    ByteBuf out = channel.alloc().buffer();
    response.writeTo(out);
    ascii(out, "\r\n");
    write(out);
  }

  /** Decides how the client will know where a body of this kind ends. */
  void frame(BodyFraming.Kind kind) {
    chunked = hasUnknownLength(kind) && request.isHttp11();
  }

  /** {@return whether only the end of the connection can end a body of this kind} */
  boolean endsWithConnection(BodyFraming.Kind kind) {
    return hasUnknownLength(kind) && !request.isHttp11();
  }

  private static boolean hasUnknownLength(BodyFraming.Kind kind) {
    return kind == BodyFraming.Kind.CHUNKED || kind == BodyFraming.Kind.UNTIL_CLOSE;
  }

  void head(ResponseHead response) {
    Answer.Form form = form();
    ByteBuf out = channel.alloc().buffer();
    response.writeTo(out);
    notes.own().writeTo(out);
    if (chunked) {
      ascii(out, "transfer-encoding: chunked\r\n");
    }
    // Who speaks HTTP/1.1 takes it for granted that the connection stays.
    if (form == Answer.Form.CLOSE || !request.isHttp11()) {
      ascii(out, form.field());
    }
    ascii(out, "\r\n");
    write(out);
  }

  private Answer.Form form() {
    return last.getAsBoolean() ? Answer.Form.CLOSE : Answer.Form.KEEP_ALIVE;
  }

  void data(ByteBuf data) {
    if (chunked) {
      write(Chunks.start(channel.alloc(), data.readableBytes()));
      write(data);
      write(Chunks.end());
    } else {
      write(data);
    }
  }

  void end(Trailers trailers) {
    if (chunked) {
      write(Chunks.last(channel.alloc(), trailers));
    }
  }

  void upgrade(ResponseHead response) {
    ByteBuf out = channel.alloc().buffer();
    response.writeTo(out);
    notes.own().writeTo(out);
    ascii(out, "connection: upgrade\r\nupgrade: websocket\r\n\r\n");
    write(out);
  }

  void answer(Answer answer) {
    notes.answering(answer);
    ByteBuf out = channel.alloc().buffer();
    answer.encodeTo(out, form(), notes.own()::writeTo, request.isHead());
    write(out);
  }

  /** Ends our side behind what was written; both sides, if the client has ended its own. */
  void endOutput(BooleanSupplier clientEnded) {
    SslHandler tls = channel.pipeline().get(SslHandler.class);
    if (tls == null) {
      channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(_ -> shutDown(clientEnded));
    } else {
      channel.flush();
      tls.closeOutbound().addListener(_ -> shutDown(clientEnded));
    }
  }

  private void shutDown(BooleanSupplier clientEnded) {
    if (clientEnded.getAsBoolean()) {
      channel.close();
    } else if (channel instanceof DuplexChannel duplex && channel.isActive()) {
      duplex.shutdownOutput();
    }
  }

  private void write(ByteBuf data) {
    channel.write(data, channel.voidPromise());
  }

  private static void ascii(ByteBuf out, String text) {
    out.writeCharSequence(text, StandardCharsets.US_ASCII);
  }
}
