package dev.lockstep.agent.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lockstep.core.ReplicaView;
import dev.lockstep.core.config.Epoch;
import dev.lockstep.core.protocol.AckEntry;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The leader's append-only log of what its replicas said, read in pieces. */
final class AckCalls {
  /** A place in the log: everything up to it was read. */
  private record Cursor(long epoch, long sequence) {
    /** {@return the place, if the text is one: {@code epoch.sequence}, as answers give it} */
    static Optional<Cursor> parse(String text) {
      String[] parts = text.split("\\.", -1);
      boolean good = parts.length == 2 && isNumber(parts[0]) && isNumber(parts[1]);
      return good
          ? Optional.of(new Cursor(Long.parseLong(parts[0]), Long.parseLong(parts[1])))
          : Optional.empty();
    }

    private static boolean isNumber(String text) {
      return !text.isEmpty()
          && text.length() <= 18
          && text.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    @Override
    public String toString() {
      return epoch + "." + sequence;
    }
  }

  private final Control control;

  AckCalls(Control control) {
    this.control = control;
  }

  Endpoint endpoint() {
    return new Endpoint("/v1/acks", Set.of("since"), Endpoint.Scope.LEADER, this::read);
  }

  private Endpoint.Call read(Parameters parameters) {
    Optional<Cursor> since =
        parameters.value(
            "since",
            Optional.<Cursor>empty(),
            "epoch.sequence, as an earlier answer gave it in next",
            text -> Cursor.parse(text).map(Optional::of));
    return Endpoint.Call.atOnce(context -> send(context, since));
  }

  private void send(RoutingContext context, Optional<Cursor> since) {
    ReplicaView view = control.view();
    List<AckEntry> log = view.leadership().map(ReplicaView.Leadership::acks).orElse(List.of());
    Replies.json(context, page(view.epoch(), log, since));
  }

  /**
   * A log of another epoch was another leader's: what it held beyond the caller's place is unknown
   * here, and so is what this log has already dropped. Both are said by "truncated".
   */
  private static ObjectNode page(Epoch epoch, List<AckEntry> log, Optional<Cursor> since) {
    long oldest = log.isEmpty() ? 1 : log.getFirst().sequence();
    long newest = log.isEmpty() ? 0 : log.getLast().sequence();
    boolean sameEpoch = since.isPresent() && since.get().epoch() == epoch.value();
    long after = sameEpoch ? Math.min(since.get().sequence(), newest) : 0;
    boolean truncated = after + 1 < oldest || since.isPresent() && !sameEpoch;
    ObjectNode json =
        Json.object()
            .put("epoch", epoch.value())
            .put("truncated", truncated)
            .put("next", new Cursor(epoch.value(), newest).toString());
    ArrayNode acks = json.putArray("acks");
    log.stream().filter(e -> e.sequence() > after).forEach(e -> putEntry(acks.addObject(), e));
    return json;
  }

  private static void putEntry(ObjectNode json, AckEntry entry) {
    json.put("id", new Cursor(entry.epoch().value(), entry.sequence()).toString())
        .put("sequence", entry.sequence())
        .put("epoch", entry.epoch().value())
        .put("replica", entry.alias())
        .put("pod", entry.pod().name())
        .put("version", entry.version().value())
        .put("kind", Json.word(entry.kind()))
        .put("afterMillis", entry.after().toNanos() / 1e6)
        .put("reason", entry.reason());
  }
}
