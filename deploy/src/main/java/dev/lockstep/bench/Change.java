package dev.lockstep.bench;

import dev.lockstep.bench.load.Reply;

/** What is done to a route, in the order in which it is done. */
enum Change {
  /** The Ingress is created: from 404 to the first backend. */
  CREATE("create", Sight.NOTHING, Sight.FIRST),
  /** Its backend is changed: from the first to the second. */
  UPDATE("update of backend", Sight.FIRST, Sight.SECOND),
  /** It is deleted: from the second backend to 404. */
  DELETE("delete", Sight.SECOND, Sight.NOTHING);

  /** Names of the two backends. */
  static final String FIRST_BACKEND = "bench-first";

  static final String SECOND_BACKEND = "bench-second";

  private final String text;
  private final Sight before;
  private final Sight after;

  Change(String text, Sight before, Sight after) {
    this.text = text;
    this.before = before;
    this.after = after;
  }

  /** What a request to the route shows. */
  enum Sight {
    NOTHING,
    FIRST,
    SECOND,
    /** None of these: a failure. */
    ODD;

    static Sight of(Reply reply) {
      if (reply.status() == 404) {
        return NOTHING;
      }
      if (reply.status() == 200 && reply.body().equals(FIRST_BACKEND)) {
        return FIRST;
      }
      return reply.status() == 200 && reply.body().equals(SECOND_BACKEND) ? SECOND : ODD;
    }
  }

  /** {@return its name for people} */
  String text() {
    return text;
  }

  /** {@return what is served until it is live} */
  Sight before() {
    return before;
  }

  /** {@return what is served once it is live} */
  Sight after() {
    return after;
  }
}
