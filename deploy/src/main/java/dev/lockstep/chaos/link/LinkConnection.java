package dev.lockstep.chaos.link;

import dev.lockstep.chaos.link.LinkRules.Harm;
import dev.lockstep.chaos.link.LinkRules.Way;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.time.Duration;

/**
 * One connection from a replica to another, with us in the middle: a thread for each direction.
 * Thread-safe.
 */
final class LinkConnection {
  private static final int PIECE = 16 * 1024;
  private static final Duration DELAY = Duration.ofMillis(500);
  private static final Duration POLL = Duration.ofMillis(20);

  private final Socket client;
  private final Socket server;
  private final Way way;
  private final LinkRules rules;
  private final Runnable ended;
  private volatile boolean halfOpen;
  private volatile boolean closed;

  /** Which side does not hear of it when the connection ends. */
  enum Side {
    CLIENT,
    SERVER
  }

  /**
   * Joins two sockets.
   *
   * @param client who connected
   * @param server whom it wanted
   */
  LinkConnection(Socket client, Socket server, Way way, Ends ends) {
    this.client = client;
    this.server = server;
    this.way = way;
    this.rules = ends.rules;
    this.ended = ends.ended;
  }

  /**
   * What a connection works with.
   *
   * @param rules what is wrong
   * @param ended is run when it is over
   */
  record Ends(LinkRules rules, Runnable ended) {}

  void start() {
    Thread.ofVirtual().name("link " + way).start(() -> pump(client, server, way));
    Thread.ofVirtual().name("link " + way.back()).start(() -> pump(server, client, way.back()));
  }

  Way way() {
    return way;
  }

  /** Ends it for one side, while the other hears nothing, ever. */
  void halfOpen(Side unaware) {
    halfOpen = true;
    abort(unaware == Side.CLIENT ? server : client);
  }

  /** Ends it for both sides at once, with what is on its way lost (RST). */
  void reset() {
    closed = true;
    abort(client);
    abort(server);
    ended.run();
  }

  private void pump(Socket from, Socket to, Way direction) {
    byte[] piece = new byte[PIECE];
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int n = in.read(piece); n >= 0; n = in.read(piece)) {
        pass(piece, n, new Direction(direction, out));
      }
      if (!halfOpen) {
        to.shutdownOutput();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      if (!halfOpen && !closed) {
        reset();
      }
    }
    if (!halfOpen && from.isOutputShutdown()) {
      finish();
    }
  }

  /** Both directions have ended. */
  private void finish() {
    closed = true;
    try {
      client.close();
      server.close();
    } catch (IOException e) {
      // They are closed either way.
    }
    ended.run();
  }

  /** Where bytes go. */
  private record Direction(Way way, OutputStream out) {}

  private void pass(byte[] piece, int length, Direction to)
      throws IOException, InterruptedException {
    if (rules.harmed(to.way, Harm.DELAY)) {
      Thread.sleep(DELAY);
    }
    while (rules.harmed(to.way, Harm.STOP) && !closed) {
      Thread.sleep(POLL);
    }
    if (halfOpen) {
      return; // Into the void.
    }
    if (rules.harmed(to.way, Harm.RESET)) {
      to.out.write(piece, 0, length / 2);
      to.out.flush();
      reset();
    } else if (rules.harmed(to.way, Harm.ONE_BY_ONE)) {
      for (int i = 0; i < length; i++) {
        to.out.write(piece, i, 1);
        to.out.flush();
      }
    } else {
      to.out.write(piece, 0, length);
      to.out.flush();
    }
  }

  private static void abort(Socket socket) {
    try {
      socket.setSoLinger(true, 0);
      socket.close();
    } catch (IOException e) {
      // It is closed either way.
    }
  }
}
