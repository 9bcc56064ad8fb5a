package dev.lockstep.agent.wire;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.lockstep.core.protocol.Message;
import java.util.ArrayList;
import java.util.List;

/**
 * Messages as text: one JSON object each, told apart by {@code type}. Reading never throws: what
 * comes out says what to do with it.
 *
 * <p>Thread-safe: one volatile list, copied when it changes.
 */
public final class MessageCodec {
  /** Followers differ in what they hold, so pushes of one commit may have a few different bases. */
  private static final int REMEMBERED = 4;

  private record Known(Message message, Encoded encoded) {}

  private volatile List<Known> pushes = List.of();

  /**
   * {@return the text of a message; a push that goes to many links as the same object is written
   * once}
   */
  public Encoded encode(Message message) {
    if (!(message instanceof Message.Push)) {
      return write(message);
    }
    for (Known known : pushes) {
      // By identity: to compare two large pushes costs as much as to write one.
      if (known.message() == message) {
        return known.encoded();
      }
    }
    Known known = new Known(message, write(message));
    List<Known> newest = new ArrayList<>(REMEMBERED);
    newest.add(known);
    pushes.stream().limit(REMEMBERED - 1).forEach(newest::add);
    // Two threads may both write here: then a push is encoded once more than needed.
    pushes = List.copyOf(newest);
    return known.encoded();
  }

  /** {@return what the text says} */
  public Decoded decode(String text) {
    try {
      return MessageReader.read(Fields.of(Json.MAPPER.readTree(text), ""));
    } catch (WireFault e) {
      return new Decoded.Unreadable(e.reason());
    } catch (JsonProcessingException e) {
      // Jackson's own text could quote what it read.
      return new Decoded.Unreadable("not JSON: " + e.getClass().getSimpleName());
    } catch (IllegalArgumentException e) {
      return new Decoded.Unreadable("a value is out of its range");
    }
  }

  private static Encoded write(Message message) {
    return new Encoded(Json.text(MessageWriter.toJson(message)));
  }
}
