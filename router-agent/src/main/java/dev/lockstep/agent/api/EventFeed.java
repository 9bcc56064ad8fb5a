package dev.lockstep.agent.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lockstep.core.protocol.Effect;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What this replica announces, as server-sent events. The newest events are kept, so that a client
 * which lost its connection goes on where it was; ids hold the replica's boot nonce, because the
 * numbers of another run mean other events. A client that does not read is cut off: it comes back
 * with the id that it saw last. Confined to the event loop.
 */
final class EventFeed {
  static final int KEPT = 1000;

  /** One event as it goes over the wire. */
  private record Frame(long number, String text) {}

  private final String boot;
  private final int maxSubscribers;
  private final Deque<Frame> kept = new ArrayDeque<>();
  private final Set<HttpServerResponse> subscribers = new LinkedHashSet<>();
  private long last;

  EventFeed(String boot, int maxSubscribers) {
    this.boot = boot;
    this.maxSubscribers = maxSubscribers;
  }

  /** Tells all clients. */
  void publish(Effect.Notice notice, String at) {
    last++;
    ObjectNode data = NoticeJson.of(notice).put("at", at);
    String id = "id: " + boot + "." + last;
    Frame frame = new Frame(last, id + "\n" + event(NoticeJson.type(notice), data));
    kept.addLast(frame);
    if (kept.size() > KEPT) {
      kept.removeFirst();
    }
    broadcast(frame.text());
  }

  /** Lets proxies and clients see that the stream lives, and us that a client does not. */
  void keepAlive() {
    broadcast(": alive\n\n");
  }

  /** Makes a stream of this answer. */
  void subscribe(RoutingContext context) {
    if (subscribers.size() >= maxSubscribers) {
      String detail = "events: " + subscribers.size() + " streams (expected: fewer; try later)";
      Replies.problem(context, Problem.of(Problem.Kind.OVERLOADED, detail));
      return;
    }
    HttpServerResponse response = context.response();
    response.setChunked(true);
    response.putHeader("Content-Type", "text/event-stream").putHeader("Cache-Control", "no-store");
    response.exceptionHandler(ignored -> subscribers.remove(response));
    response.closeHandler(ignored -> subscribers.remove(response));
    subscribers.add(response);
    response.write("retry: 1000\n\n");
    String lastSeen = context.request().getHeader("Last-Event-ID");
    if (lastSeen != null) {
      resume(response, lastSeen);
    }
  }

  /** {@return how many clients listen} */
  int size() {
    return subscribers.size();
  }

  /** Ends all streams. */
  void close() {
    List.copyOf(subscribers).forEach(HttpServerResponse::end);
    subscribers.clear();
  }

  private void resume(HttpServerResponse response, String lastSeen) {
    long oldest = kept.isEmpty() ? last + 1 : kept.getFirst().number();
    Optional<Long> seen = number(lastSeen).filter(n -> n >= oldest - 1 && n <= last);
    if (seen.isEmpty()) {
      String reason = "events after " + lastSeen + " are not known here; read the state anew";
      response.write(event("reset", Json.object().put("reason", reason)));
    }
    long after = seen.orElse(oldest - 1);
    kept.stream().filter(f -> f.number() > after).forEach(f -> response.write(f.text()));
  }

  private Optional<Long> number(String id) {
    String prefix = boot + ".";
    String digits = id.startsWith(prefix) ? id.substring(prefix.length()) : "";
    boolean number = digits.length() <= 18 && digits.chars().allMatch(c -> c >= '0' && c <= '9');
    return number && !digits.isEmpty() ? Optional.of(Long.parseLong(digits)) : Optional.empty();
  }

  private void broadcast(String text) {
    for (HttpServerResponse response : List.copyOf(subscribers)) {
      if (response.writeQueueFull()) {
        subscribers.remove(response);
        response.reset();
      } else {
        response.write(text);
      }
    }
  }

  private static String event(String type, ObjectNode data) {
    return "event: " + type + "\ndata: " + data + "\n\n";
  }
}
