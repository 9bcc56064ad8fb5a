package dev.lockstep.agent.api;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lockstep.core.config.Digest;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.nio.charset.StandardCharsets;

/** How every answer leaves. Whoever is gone already gets none. */
final class Replies {
  /** Soon enough for a caller who waits, and no burden: a leader is found within a few seconds. */
  private static final String RETRY_AFTER_SECONDS = "1";

  private Replies() {}

  /** Answers with JSON, or with 304 when the caller has it already. */
  static void json(RoutingContext context, JsonNode body) {
    json(context, Json.bytes(body));
  }

  /** Answers with bytes of JSON, or with 304 when the caller has them already. */
  static void json(RoutingContext context, byte[] body) {
    HttpServerResponse response = context.response();
    if (response.ended() || response.closed()) {
      return;
    }
    String tag = '"' + Digest.of(new String(body, StandardCharsets.UTF_8)).abbreviated() + '"';
    // no-cache allows a cache to keep the answer, and makes it ask each time.
    response.putHeader("ETag", tag).putHeader("Cache-Control", "no-cache");
    if (tag.equals(context.request().getHeader("If-None-Match"))) {
      response.setStatusCode(304).end();
      return;
    }
    response.putHeader("Content-Type", "application/json").end(Buffer.buffer(body));
  }

  /** Answers with text that changes at every look. */
  static void text(RoutingContext context, String type, String body) {
    context
        .response()
        .putHeader("Content-Type", type)
        .putHeader("Cache-Control", "no-store")
        .end(body);
  }

  /** Answers with a problem. */
  static void problem(RoutingContext context, Problem problem) {
    HttpServerResponse response = context.response();
    if (response.headWritten() || response.closed()) {
      return;
    }
    if (problem.kind().passes()) {
      response.putHeader("Retry-After", RETRY_AFTER_SECONDS);
    }
    response
        .setStatusCode(problem.kind().status())
        .putHeader("Content-Type", "application/problem+json")
        .putHeader("Cache-Control", "no-store")
        .end(Buffer.buffer(Json.bytes(problem.toJson())));
  }
}
