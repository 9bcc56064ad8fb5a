package dev.lockstep.agent.api;

import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * Why there is no answer, or not the hoped-for one (RFC 9457).
 *
 * @param kind what it is
 * @param detail this very case, for people
 * @param members more, for programs
 */
record Problem(Kind kind, String detail, ObjectNode members) {

  /** All kinds; the last part of their {@code type} is the constant's name. */
  enum Kind {
    INVALID_REQUEST(400, "The request cannot be understood"),
    NO_SUCH_PAGE(404, "There is no such path"),
    UNKNOWN_OBJECT(404, "This router serves no such object"),
    METHOD_NOT_ALLOWED(405, "Only GET is allowed"),
    REJECTED(409, "The object cannot be served as it is written"),
    BROKEN(500, "This replica has a bug"),
    NO_LEADER(503, "No leader is known or reachable"),
    UNDECIDABLE(503, "Nobody can tell at the moment"),
    OVERLOADED(503, "Too many callers wait already"),
    NOT_READY(503, "This replica takes no new requests"),
    STALLED(503, "The replica's loop does not move"),
    NOT_IN_TIME(504, "Not every replica was there in time"),
    STILL_PRESENT(504, "The object was not deleted in time");

    private final int status;
    private final String title;

    Kind(int status, String title) {
      this.status = status;
      this.title = title;
    }

    int status() {
      return status;
    }

    /** Whether the same call may well succeed a moment later. */
    boolean passes() {
      return status == 503;
    }
  }

  static Problem of(Kind kind, String detail) {
    return new Problem(kind, detail, Json.object());
  }

  ObjectNode toJson() {
    ObjectNode json = Json.object();
    json.put("type", "https://lockstep.dev/problems/" + Json.word(kind));
    json.put("title", kind.title).put("status", kind.status).put("detail", detail);
    json.setAll(members);
    return json;
  }
}
