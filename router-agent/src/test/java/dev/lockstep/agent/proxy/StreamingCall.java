package dev.lockstep.agent.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;

/** A call as gRPC makes them: messages both ways in turns, the outcome in the trailers. */
public final class StreamingCall {
  private static final int MESSAGES = 20;

  private StreamingCall() {}

  /** Answers each piece of a body with itself, and says in a trailer that all went well. */
  public static void echo(HttpServerRequest request) {
    request.response().setChunked(true);
    request.handler(data -> request.response().write(Buffer.buffer("echo ").appendBuffer(data)));
    request.endHandler(_ -> request.response().putTrailer("grpc-status", "0").end());
  }

  /** Sends messages to such a backend at a.test, each when the one before has been answered. */
  public static void talkInTurns(RawHttp2 client) {
    int call = client.post("a.test", "te", "trailers");
    for (int i = 0; i < MESSAGES; i++) {
      client.data(call, "message " + i, 0);
      client.awaitBody(call, "echo message " + i);
    }
    client.data(call, "", RawHttp2.END_STREAM);
    assertThat(client.result(call).trailers()).containsEntry("grpc-status", "0");
  }
}
